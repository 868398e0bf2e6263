"""Files that an engine brings in: what is beside picture and sound is gone, what shows is not."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from c2pa import Reader
from PIL import Image, ImageOps, ImageSequence, PngImagePlugin

from hinode.engines.base import (
    Artifact,
    ArtifactRole,
    Capabilities,
    DigitalSourceType,
    EngineError,
)
from hinode.engines.provenance import ArtifactSigner
from hinode.kit.named_keys import FixedKeys
from hinode.media.metadata.strip import strip_metadata
from hinode.media.metadata.unreadable import UnreadableFile
from hinode.media.provenance import ContentSigner, ProvenanceClaim, read_provenance
from hinode.media.signing_identity import new_signing_identity
from hinode.testing.scripted_engine import ScriptedEngine
from tests.support.films import write_film
from tests.support.full_disk import full_disk

OURS = new_signing_identity()
SECRET = "a-prompt-nobody-may-read"
WORKFLOW = json.dumps({"nodes": [{"inputs": {"text": SECRET}}]})
ORIENTATION, GPS = 0x0112, 0x8825
TURNED = 6


def decoded(path: Path) -> list[tuple[int | None, int, bytes]]:
    """Return the time, rotation and pixels of every frame that a player shows."""
    with av.open(str(path)) as film:
        return [
            (frame.pts, frame.rotation, frame.to_ndarray(format="rgb24").tobytes())
            for frame in film.decode(video=0)
        ]


def heard(path: Path) -> list[tuple[int | None, bytes]]:
    with av.open(str(path)) as film:
        return [(frame.pts, frame.to_ndarray().tobytes()) for frame in film.decode(audio=0)]


def colours(path: Path) -> tuple[int, ...]:
    with av.open(str(path)) as film:
        codec = film.streams.video[0].codec_context
        return (codec.color_primaries, codec.color_trc, codec.colorspace, codec.color_range)


def write_comfy_film(path: Path, *, fragmented: bool = False) -> Path:
    """Write a film with B frames, sound that starts late, tags, chapters, colours, and boxes."""
    flags = "use_metadata_tags" + ("+frag_keyframe+empty_moov" if fragmented else "")
    with av.open(str(path), "w", format="mp4", options={"movflags": flags}) as film:
        film.metadata.update({"prompt": WORKFLOW, "workflow": WORKFLOW, "comment": SECRET})
        film.set_chapters(
            [
                {
                    "id": 1,
                    "start": 0,
                    "end": 10,
                    "time_base": Fraction(1, 10),
                    "metadata": {"title": SECRET},
                }
            ]
        )
        picture = film.add_stream("libx264", rate=10, options={"bf": "2"})
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        picture.codec_context.color_primaries = picture.codec_context.colorspace = 1
        picture.codec_context.color_trc = picture.codec_context.color_range = 1
        picture.metadata["handler_name"] = SECRET
        sound = film.add_stream("aac", rate=48_000, layout="mono")
        for number in range(20):
            frame = av.VideoFrame.from_ndarray(pixels(64, 48, 12 * number), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            film.mux(picture.encode(frame))
        film.mux(picture.encode())
        tone = np.sin(np.arange(48_000) / 20)[None].astype(np.float32)
        for start in range(0, 48_000 - 1024, 1024):
            part = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(tone[:, start : start + 1024]), format="fltp", layout="mono"
            )
            part.sample_rate, part.pts, part.time_base = 48_000, 24_000 + start, Fraction(1, 48_000)
            film.mux(sound.encode(part))
        film.mux(sound.encode())
    with path.open("ab") as file:
        for name in (b"uuid", b"free"):
            text = bytes(16) + WORKFLOW.encode()
            file.write(struct.pack(">I4s", 8 + len(text), name) + text)
    return path


def pixels(width: int, height: int, level: int) -> np.ndarray:
    """Return a picture that differs from itself turned: red in its upper left."""
    made = np.full((height, width, 3), level, dtype=np.uint8)
    made[: height // 2, : width // 2] = (255, 0, 0)
    return made


def rotate_track(path: Path) -> None:
    """Write the matrix of a quarter turn into the header of the first track."""
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 4 + 40
    data[place : place + 36] = struct.pack(
        ">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 48 << 16, 0, 1 << 30
    )
    path.write_bytes(data)


def test_a_film_loses_its_words_and_plays_as_before(tmp_path: Path) -> None:
    path = write_comfy_film(tmp_path / "film.mp4")
    rotate_track(path)
    before = path.read_bytes()
    assert before.count(SECRET.encode()) >= 7
    shown, sound, tags = decoded(path), heard(path), colours(path)
    assert shown[0][1] != 0

    strip_metadata(path)

    assert SECRET.encode() not in path.read_bytes()
    assert b"workflow" not in path.read_bytes()
    assert len(path.read_bytes()) == len(before)
    assert (decoded(path), heard(path), colours(path)) == (shown, sound, tags)
    with av.open(str(path)) as film:
        assert [one.type for one in film.streams] == ["video", "audio"]
        assert not film.chapters()
        assert set(film.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
    assert list(tmp_path.iterdir()) == [path]


def test_a_film_in_fragments_is_copied_into_one_piece(tmp_path: Path) -> None:
    path = write_comfy_film(tmp_path / "film.mp4", fragmented=True)
    shown, sound = decoded(path), heard(path)

    strip_metadata(path)

    assert SECRET.encode() not in path.read_bytes()
    assert [one[2] for one in decoded(path)] == [one[2] for one in shown]
    assert [one[1] for one in heard(path)] == [one[1] for one in sound]


@pytest.mark.parametrize("cut", [9, 40, 300, 2000])
def test_a_broken_film_is_refused_and_stays_as_it_was(tmp_path: Path, cut: int) -> None:
    path = write_film(tmp_path / "film.mp4")
    broken = path.read_bytes()[:cut]
    path.write_bytes(broken)

    with pytest.raises(UnreadableFile):
        strip_metadata(path)

    assert path.read_bytes() == broken
    assert list(tmp_path.iterdir()) == [path]


def picture_exif(orientation: int = TURNED) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010E] = SECRET
    exif.get_ifd(GPS)[1] = "N"
    return exif


def xmp() -> bytes:
    return f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()


def write_picture(path: Path, orientation: int) -> None:
    image = Image.fromarray(pixels(64, 32, 90))
    exif = picture_exif(orientation)
    if path.suffix == ".png":
        info = PngImagePlugin.PngInfo()
        info.add_text("prompt", WORKFLOW)
        info.add_text("workflow", WORKFLOW, zip=True)
        info.add_itxt("XML:com.adobe.xmp", xmp().decode())
        image.save(path, pnginfo=info, exif=exif)
    elif path.suffix == ".jpg":
        image.save(path, quality=95, exif=exif, xmp=xmp(), comment=SECRET, progressive=True)
        path.write_bytes(path.read_bytes() + SECRET.encode())
    else:
        image.save(path, quality=95, exif=exif, xmp=xmp())


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
@pytest.mark.parametrize("orientation", [1, TURNED])
def test_a_picture_loses_its_words_and_stands_upright(
    tmp_path: Path, suffix: str, orientation: int
) -> None:
    path = tmp_path / f"picture.{suffix}"
    write_picture(path, orientation)
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image)
        expected = np.asarray(upright.convert("RGB")).astype(int)

    strip_metadata(path)

    assert SECRET.encode() not in path.read_bytes()
    with Image.open(path) as image:
        image.load()
        assert not image.getexif()
        assert not {"prompt", "workflow", "xmp", "exif", "comment"} & set(image.info)
        found = np.asarray(image.convert("RGB")).astype(int)
    assert found.shape == expected.shape
    lossless = suffix == "png" or orientation == 1
    assert np.abs(found - expected).mean() <= (0 if lossless else 3)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "mp4"])
def test_a_full_disk_is_not_the_files_fault(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"file.{suffix}"
    if suffix == "mp4":
        write_comfy_film(path, fragmented=True)
    else:
        write_picture(path, TURNED)
    before = path.read_bytes()

    with full_disk(most=20), pytest.raises(OSError, match="File too large"):
        strip_metadata(path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_an_animated_webp_keeps_its_frames_and_their_times(tmp_path: Path) -> None:
    path = tmp_path / "moving.webp"
    first, *rest = [Image.fromarray(pixels(64, 32, level)) for level in (20, 120, 220)]
    first.save(
        path,
        save_all=True,
        append_images=rest,
        duration=[40, 80, 120],
        lossless=True,
        exif=picture_exif(),
        xmp=xmp(),
    )

    strip_metadata(path)

    assert SECRET.encode() not in path.read_bytes()
    with Image.open(path) as image:
        assert image.size == (32, 64)
        levels, times = [], []
        for frame in ImageSequence.Iterator(image):
            # The red corner has turned from the upper left to the upper right.
            assert frame.convert("RGB").getpixel((31, 0)) == (255, 0, 0)
            levels.append(int(np.asarray(frame.convert("RGB"))[63, 0, 0]))
            times.append(frame.info["duration"])
    assert (levels, times) == ([20, 120, 220], [40, 80, 120])


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.gif"
    Image.new("L", (8, 8)).save(path, comment=SECRET.encode())

    with pytest.raises(UnreadableFile):
        strip_metadata(path)


class Visitor(ScriptedEngine):
    """An engine from elsewhere, whose files are made by the tests."""

    name = "visitor"

    def __init__(self, *, own_metadata: bool = False) -> None:
        super().__init__()
        self._own = own_metadata

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), own_metadata=self._own)


def actions(path: Path) -> list[str]:
    with Reader(str(path)) as reader:
        manifest = reader.get_active_manifest() or {}
    found = [one["data"] for one in manifest["assertions"] if "c2pa.actions" in one["label"]]
    return [action["action"] for data in found for action in data["actions"]]


@pytest.mark.parametrize("suffix", ["mp4", "png", "jpg", "webp"])
def test_the_manifest_of_an_upstream_is_the_parent_of_ours(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"file.{suffix}"
    if suffix == "mp4":
        write_comfy_film(path)
    else:
        write_picture(path, TURNED)
    kind = {"mp4": "video/mp4", "jpg": "image/jpeg"}.get(suffix, f"image/{suffix}")
    upstream = new_signing_identity()
    said = ProvenanceClaim("upstream", "model", DigitalSourceType.TRAINED)
    ContentSigner(upstream).sign(path, kind, said)
    artifact = Artifact(0, ArtifactRole.VIDEO, path, kind, 64, 48)

    ArtifactSigner(FixedKeys.of(OURS.to_json())).sign([artifact], Visitor(), "sora-2")

    found = read_provenance(path, OURS.authority)
    assert found is not None
    assert found.statement is not None
    assert (found.state, found.problems, found.statement.engine) == ("Trusted", (), "visitor")
    assert actions(path) == ["c2pa.opened", "c2pa.edited.metadata"]
    with Reader(str(path)) as reader:
        (parent,) = (reader.get_active_manifest() or {})["ingredients"]
        kept = json.loads(reader.json())["manifests"][parent["active_manifest"]]
    assert parent["relationship"] == "parentOf"
    failures = parent["validation_results"]["activeManifest"]["failure"]
    # Its authority is unknown here, as any upstream's is; its bytes and signature are good.
    assert {one["code"] for one in failures} <= {"signingCredential.untrusted"}
    assert "org.hinode.render" in {one["label"] for one in kept["assertions"]}
    assert SECRET.encode() not in path.read_bytes()
    assert {one.name for one in tmp_path.iterdir()} == {path.name}


def test_a_file_without_a_manifest_was_created_here(tmp_path: Path) -> None:
    path = write_comfy_film(tmp_path / "film.mp4")
    artifact = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 64, 48)

    ArtifactSigner(FixedKeys.of(OURS.to_json())).sign([artifact], Visitor(), "sora-2")

    assert actions(path) == ["c2pa.created"]
    assert SECRET.encode() not in path.read_bytes()


def test_the_weights_of_a_model_are_signed_with_their_licence(tmp_path: Path) -> None:
    class Painter(Visitor):
        def capabilities_of(self, model: str) -> Capabilities | None:
            own = replace(self.capabilities(), weights="makers/boats", licence="cc-by-nc-4.0")
            return own if model == "boats" else None

    def signed(model: str | None) -> tuple[str | None, str | None]:
        path = write_comfy_film(tmp_path / "film.mp4")
        artifact = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 64, 48)
        ArtifactSigner(FixedKeys.of(OURS.to_json())).sign([artifact], Painter(), "sora-2", model)
        found = read_provenance(path)
        assert found is not None
        assert found.statement is not None
        return found.statement.weights, found.statement.licence

    assert signed("boats") == ("makers/boats", "cc-by-nc-4.0")
    assert signed("others") == signed(None) == (None, None)


def test_an_engine_that_wrote_every_word_keeps_them(tmp_path: Path) -> None:
    path = write_comfy_film(tmp_path / "film.mp4")
    artifact = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 64, 48)

    ArtifactSigner(FixedKeys.of(OURS.to_json())).sign(
        [artifact], Visitor(own_metadata=True), "sora-2"
    )

    assert SECRET.encode() in path.read_bytes()


def test_a_file_that_cannot_be_stripped_never_reaches_a_client(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"no film")
    artifact = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 64, 48)

    with pytest.raises(EngineError) as raised:
        ArtifactSigner(FixedKeys.of(OURS.to_json())).sign([artifact], Visitor(), "sora-2")

    assert raised.value.code == "bad_result"
