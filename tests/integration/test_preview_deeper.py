"""The preview engine's deeper work, measured in finished files.

Storyboards, remixes, edits, extensions, characters, and pictures made from pictures.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import av
import numpy as np
import pytest
from PIL import Image

from hinode.engines.base import (
    Artifact,
    ArtifactRole,
    CharacterImage,
    EngineError,
    JobAction,
    MediaKind,
    OutputFormat,
    RenderContext,
    RenderSpec,
    Shot,
    Style,
)
from hinode.engines.preview.engine import PreviewEngine
from hinode.engines.preview.process.protocol import RenderRequest
from hinode.engines.preview.render import render
from hinode.kit.dataclass_json import decode, encode
from hinode.media.probe import probe
from tests.support.films import write_film

PARENT = "a red fox on the hills at noon, pan right"
SPEC = RenderSpec(UUID(int=1), MediaKind.VIDEO, PARENT, 192, 108, fps=15, frames=30, seed=7)
PICTURE = replace(SPEC, kind=MediaKind.IMAGE, fps=1, frames=1)

Frames = list[np.ndarray]


def made(spec: RenderSpec, folder: Path) -> list[Artifact]:
    folder.mkdir(parents=True, exist_ok=True)
    return render(spec, folder, lambda _: None)


def video(spec: RenderSpec, folder: Path) -> Path:
    return next(one.path for one in made(spec, folder) if one.role is ArtifactRole.VIDEO)


def frames_of(path: Path) -> Frames:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def sound_of(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        parts = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.concatenate(parts, axis=1)


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    error = float(np.mean((one.astype(float) - other.astype(float)) ** 2))
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.mean(np.abs(one.astype(float) - other.astype(float))))


def jumps(frames: Frames) -> list[float]:
    """How far each frame is from the one before it; the first stands for frame 1."""
    return [apart(*pair) for pair in pairwise(frames)]


def relief(frame: np.ndarray) -> np.ndarray:
    """Where the hills' lines run, whatever their colours: signs of the steps from row to row."""
    luma = frame[40:80].astype(float).mean(axis=2)
    steps = np.abs(np.diff(luma, axis=0))
    relative: np.ndarray = steps / (steps.std() + 1e-9)
    return relative


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """How alike the reds of two pictures run, from -1 to 1."""
    reds = (picture[..., 0].astype(float).ravel() for picture in (one, other))
    return float(np.corrcoef(np.stack(list(reds)))[0, 1])


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(relief(one).ravel(), relief(other).ravel())[0, 1])


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return video(SPEC, tmp_path_factory.mktemp("parent"))


def child(parent: Path, action: JobAction, prompt: str) -> RenderSpec:
    return replace(SPEC, action=action, prompt=prompt, prompt_history=(PARENT,), source=parent)


def test_an_order_carries_everything(tmp_path: Path) -> None:
    spec = replace(
        SPEC,
        action=JobAction.EXTENSION,
        prompt_history=("一", "two"),
        source=tmp_path / "s.mp4",
        kept_frames=12,
        style=Style.COMIC,
        shots=(Shot("a", 10), Shot("b", 20)),
        characters=(CharacterImage("小明", tmp_path / "c.png"),),
        references=(tmp_path / "r.png",),
        mask=tmp_path / "m.png",
        picture_format=OutputFormat.WEBP,
        picture_quality=40,
        partials=2,
    )
    order = RenderRequest(spec, tmp_path)
    assert decode(RenderRequest, encode(order)) == order


def test_a_storyboard_is_cut_at_its_frames(tmp_path: Path) -> None:
    shots = (Shot("a lake at dawn", 12), Shot("neon city at night", 8), Shot("desert at noon", 10))
    path = video(replace(SPEC, shots=shots), tmp_path)
    found = jumps(frames_of(path))
    assert len(found) == 29
    cuts = {index + 1 for index, jump in enumerate(found) if jump > 12}
    assert cuts == {12, 20}
    facts = probe(path)
    assert facts.audio_seconds == pytest.approx(2.0, abs=0.001)


def test_the_sound_of_a_storyboard_changes_and_never_stops(tmp_path: Path) -> None:
    shots = (Shot("a storm over the sea", 15), Shot("hills at noon", 15))
    sound = sound_of(video(replace(SPEC, shots=shots), tmp_path)).mean(axis=0)
    middle = [np.abs(sound[at : at + 2400]).mean() for at in range(40_000, 56_000, 2400)]
    assert min(middle) > 0.005
    first, second = (np.abs(np.fft.rfft(sound[at : at + 24_000])) for at in (16_000, 56_000))
    high = slice(500, 4500)  # 1 to 9 kHz: rain
    assert first[high].mean() > 3 * second[high].mean()


def test_a_remix_keeps_the_hills_and_changes_the_light(parent: Path, tmp_path: Path) -> None:
    before = frames_of(parent)[10]
    night = frames_of(video(child(parent, JobAction.REMIX, "at night"), tmp_path / "a"))[10]
    other = replace(SPEC, prompt="hills at night, pan right", seed=99)
    stranger = frames_of(video(other, tmp_path / "b"))[10]
    assert night.mean() < 0.5 * before.mean()
    assert likeness(before, night) > likeness(before, stranger) + 0.2


def test_a_remix_adds_a_second_figure(parent: Path, tmp_path: Path) -> None:
    spec = child(parent, JobAction.REMIX, "再加一只小狗")
    before, after = frames_of(parent)[4], frames_of(video(spec, tmp_path))[4]
    changed = np.abs(before.astype(int) - after.astype(int)).max(axis=2) > 40
    assert 0.003 < changed.mean() < 0.1
    # The fox is still there: where it was, hardly anything has changed.
    fox = (before[..., 0].astype(int) - before[..., 2]) > 80
    fox[:60] = False
    assert fox.sum() > 50
    assert changed[fox].mean() < 0.2


def test_an_edit_keeps_the_camera_whatever_it_says(parent: Path, tmp_path: Path) -> None:
    spec = child(parent, JobAction.EDIT, "zoom in, make the fox blue")
    before, after = frames_of(parent), frames_of(video(spec, tmp_path))
    assert likeness(before[29], after[29]) > 0.9
    fox = (before[4][..., 0].astype(int) - before[4][..., 2]) > 80
    assert after[4][fox][:, 2].mean() > after[4][fox][:, 0].mean()


@pytest.fixture(scope="module")
def longer(parent: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = replace(child(parent, JobAction.EXTENSION, "snow at dusk"), kept_frames=30, frames=60)
    return video(spec, tmp_path_factory.mktemp("longer"))


def test_an_extension_goes_on_without_a_seam(parent: Path, longer: Path) -> None:
    before, after = frames_of(parent), frames_of(longer)
    facts = probe(longer)
    assert (len(after), facts.frames) == (60, 60)
    assert facts.duration == pytest.approx(4.0, abs=0.001)
    assert facts.audio_seconds == pytest.approx(4.0, abs=0.001)
    assert min(psnr(one, two) for one, two in zip(before, after, strict=False)) > 35
    assert psnr(before[-1], after[30]) > 30
    assert after[59].mean() < 0.8 * after[29].mean()  # dusk has come
    assert likeness(before[29], after[59]) > 0.3


def test_the_sound_of_an_extension_goes_on(longer: Path) -> None:
    sound = np.abs(sound_of(longer)).mean(axis=0)
    around = [sound[at : at + 4800].mean() for at in range(76_800, 120_000, 4800)]
    assert min(around) > 0.25 * max(around)


def test_an_extended_video_can_be_extended_again(longer: Path, tmp_path: Path) -> None:
    spec = replace(
        child(longer, JobAction.EXTENSION, "night, zoom in"),
        prompt_history=(PARENT, "snow at dusk"), kept_frames=60, frames=75,
    )  # fmt: skip
    frames = frames_of(video(spec, tmp_path))
    assert len(frames) == 75
    assert psnr(frames[59], frames[60]) > 30


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of another shape and rate, that gets brighter; it has no sound."""
    return write_film(tmp_path_factory.mktemp("clip") / "clip.mp4", width=128, height=128)


def test_an_edit_of_a_clip_keeps_its_motion(clip: Path, tmp_path: Path) -> None:
    spec = replace(SPEC, action=JobAction.EDIT, prompt="at night", source=clip)
    path = video(spec, tmp_path)
    frames = frames_of(path)
    assert probe(path).frames == 30
    light = [frame[50:].mean() for frame in frames]
    assert np.all(np.diff(light[2:]) > -1)
    assert 50 < light[28] - light[1] < 150  # brighter and brighter, but never day
    assert frames[20][50:, :, 2].mean() > frames[20][50:, :, 0].mean() + 5


def test_an_edit_keeps_the_sound_of_its_source(tmp_path: Path) -> None:
    source = video(replace(SPEC, prompt="a storm over the sea"), tmp_path / "source")
    spec = replace(SPEC, action=JobAction.EDIT, prompt="golden", source=source)
    one, two = sound_of(source)[0], sound_of(video(spec, tmp_path / "edit"))[0]
    length = min(len(one), len(two))
    assert np.corrcoef(one[:length], two[:length])[0, 1] > 0.9


def test_an_extension_of_a_clip_begins_on_its_last_frame(clip: Path, tmp_path: Path) -> None:
    spec = replace(
        SPEC, action=JobAction.EXTENSION, prompt="rain", source=clip, kept_frames=30, frames=45
    )
    frames = frames_of(video(spec, tmp_path))
    assert len(frames) == 45
    assert psnr(frames[29], frames[30]) > 30


def test_a_remix_of_a_storyboard_works_on_its_frames(tmp_path: Path) -> None:
    shots = (Shot("a lake at dawn", 15), Shot("neon city at night", 15))
    source = video(replace(SPEC, shots=shots), tmp_path / "board")
    spec = child(source, JobAction.REMIX, "autumn")
    found = jumps(frames_of(video(spec, tmp_path / "remix")))
    assert int(np.argmax(found)) + 1 == 15


def test_a_character_stands_in_the_scene(tmp_path: Path) -> None:
    portrait = tmp_path / "face.png"
    Image.new("RGB", (90, 120), (240, 30, 160)).save(portrait)
    spec = replace(SPEC, prompt="a meadow", characters=(CharacterImage("Alice", portrait),))
    with_her, without = (
        frames_of(video(one, tmp_path / name))[20]
        for one, name in ((spec, "a"), (replace(spec, characters=()), "b"))
    )
    pink = np.array((240, 30, 160))
    found = np.abs(with_her.astype(int) - pink).max(axis=2) < 40
    assert 0.03 < found.mean() < 0.2
    assert not np.any(np.abs(without.astype(int) - pink).max(axis=2) < 40)


@pytest.mark.parametrize("prompt", ["storyboard", "extension", "edit"])
def test_the_mark_is_seen_everywhere(prompt: str, parent: Path, tmp_path: Path) -> None:
    spec = {
        "storyboard": replace(SPEC, shots=(Shot("a lake", 15), Shot("a desert", 15))),
        "extension": replace(
            child(parent, JobAction.EXTENSION, "rain"), kept_frames=30, frames=45
        ),
        "edit": replace(SPEC, action=JobAction.EDIT, prompt="dusk", source=parent),
    }[prompt]  # fmt: skip
    plain = frames_of(video(spec, tmp_path / "plain"))
    marked = frames_of(video(replace(spec, watermark=True), tmp_path / "marked"))
    for one, two in zip(plain, marked, strict=True):
        changed = np.abs(one.astype(int) - two.astype(int)).max(axis=2) > 30
        assert 0.0005 < changed.mean() < 0.1


@pytest.mark.parametrize("form", OutputFormat)
def test_pictures_come_in_the_asked_format(form: OutputFormat, tmp_path: Path) -> None:
    spec = replace(PICTURE, picture_format=form, picture_quality=70)
    image = next(one for one in made(spec, tmp_path) if one.role is ArtifactRole.IMAGE)
    assert image.content_type == f"image/{form.value}"
    with Image.open(image.path) as opened:
        assert (opened.format or "").lower() == form.value
        assert opened.size == (192, 108)
        said = str(dict(opened.getexif())) + str(opened.info)
        assert "not made by a generative video model" in said


def test_quality_makes_files_smaller(tmp_path: Path) -> None:
    spec = replace(PICTURE, prompt="a forest", picture_format=OutputFormat.JPEG)
    sizes = [
        made(replace(spec, picture_quality=quality), tmp_path / str(quality))[0].path.stat().st_size
        for quality in (0, 40, 100)
    ]
    assert sizes == sorted(sizes)
    assert sizes[2] > 2 * sizes[1]


def test_partials_go_from_coarse_to_fine(tmp_path: Path) -> None:
    files = made(replace(PICTURE, partials=3, outputs=2), tmp_path)
    final = np.asarray(Image.open(files[3].path).convert("RGB"))
    states = [one for one in files if one.role is ArtifactRole.PARTIAL]
    assert [one.output for one in states] == [0, 1, 2]
    near = [psnr(np.asarray(Image.open(one.path).convert("RGB")), final) for one in states]
    assert near[0] + 2 < near[1]
    assert near[1] + 2 < near[2] < 35
    assert len({(one.output, one.role) for one in files}) == len(files)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows, columns = np.mgrid[0:108, 0:192]
    red = 120 + 100 * np.sin(columns / 9)
    wave = np.stack((red, rows * 2, 90 + 0 * rows), axis=-1)
    path = tmp_path_factory.mktemp("reference") / "reference.png"
    Image.fromarray(wave.clip(0, 255).astype(np.uint8)).save(path)
    return path


def test_a_picture_edit_shows_its_reference_in_another_light(
    reference: Path, tmp_path: Path
) -> None:
    spec = replace(PICTURE, prompt="at night", references=(reference,), outputs=2)
    one, _, two, _ = (np.asarray(Image.open(file.path)) for file in made(spec, tmp_path))
    original = np.asarray(Image.open(reference))
    assert one.mean() < 0.7 * original.mean()
    assert agreement(one, original) > 0.9
    assert apart(one, two) > 5


def test_a_mask_leaves_the_rest_untouched(reference: Path, tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    mask = np.zeros((108, 192), dtype=np.uint8)
    mask[20:90, 100:180] = 255
    Image.fromarray(mask).save(path)
    spec = replace(PICTURE, prompt="snow", references=(reference,), mask=path)
    result = np.asarray(Image.open(made(spec, tmp_path / "out")[0].path))
    original = np.asarray(Image.open(reference))
    assert psnr(result[mask == 0], original[mask == 0]) > 35
    assert apart(result[mask == 255], original[mask == 255]) > 20


@pytest.mark.parametrize("what", ["source", "clip", "reference", "mask", "character"])
def test_what_cannot_be_read_is_reported(what: str, reference: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_text("this is nothing that can be decoded")
    spec = {
        "source": replace(child(bad, JobAction.EXTENSION, "rain"), kept_frames=30, frames=45),
        "clip": replace(SPEC, action=JobAction.EDIT, source=bad),
        "reference": replace(PICTURE, references=(bad,)),
        "mask": replace(PICTURE, references=(reference,), mask=bad),
        "character": replace(SPEC, characters=(CharacterImage("x", bad),)),
    }[what]
    engine = PreviewEngine()

    async def collect() -> None:
        context = RenderContext(spec, tmp_path, lambda _: None)
        await engine.collect(await engine.submit(spec), context)

    with pytest.raises(EngineError) as caught:
        asyncio.run(collect())
    assert caught.value.code == "source_unreadable"


def test_deeper_work_is_the_same_each_time(parent: Path, tmp_path: Path) -> None:
    spec = replace(
        child(parent, JobAction.EXTENSION, "rain at night"),
        kept_frames=30, frames=40, style=Style.FESTIVE, watermark=True,
    )  # fmt: skip
    one, two = (frames_of(video(spec, tmp_path / name)) for name in ("a", "b"))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_a_remix_in_another_style_keeps_the_scene(parent: Path, tmp_path: Path) -> None:
    styled = video(replace(SPEC, style=Style.NOSTALGIC), tmp_path / "styled")
    plain = frames_of(video(child(styled, JobAction.REMIX, "slowly"), tmp_path / "plain"))
    # Drawn again, not graded: the film's bars and its grain are gone.
    assert psnr(plain[0], frames_of(parent)[0]) > 35


def test_a_remix_of_a_video_from_a_picture_keeps_the_picture(
    reference: Path, tmp_path: Path
) -> None:
    source = video(replace(SPEC, first_frame=reference), tmp_path / "source")
    remix = frames_of(video(child(source, JobAction.REMIX, "gloomy"), tmp_path / "remix"))
    assert agreement(frames_of(source)[0], remix[0]) > 0.9
