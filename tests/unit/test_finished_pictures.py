"""What becomes of any engine's pictures: masks are kept to, partial ones are small."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image, ImageChops

from hinode.engines.base import (
    Artifact,
    ArtifactRole,
    EngineError,
    MediaKind,
    OutputFormat,
    RenderSpec,
)
from hinode.engines.finished_pictures import PARTIAL_SIDE, finish_pictures, spec_for_engine
from hinode.media.image_files import save_png

SIZE = (192, 128)
LEFT = (0, 0, 96, 128)
SPEC = RenderSpec(UUID(int=1), MediaKind.IMAGE, "snow", *SIZE, 30, 1, 7)


def noise(width: int, height: int, seed: int) -> Image.Image:
    return Image.frombytes(
        "RGB", (width, height), random.Random(seed).randbytes(width * height * 3)
    )


@pytest.fixture
def masked(tmp_path: Path) -> RenderSpec:
    """A picture of noise whose left half may change."""
    noise(*SIZE, 1).save(tmp_path / "reference.png")
    mask = Image.new("L", SIZE, 0)
    mask.paste(255, LEFT)
    mask.save(tmp_path / "mask.png")
    return replace(SPEC, references=(tmp_path / "reference.png",), mask=tmp_path / "mask.png")


def artifact(path: Path, role: ArtifactRole = ArtifactRole.IMAGE) -> Artifact:
    return Artifact(0, role, path, "image/png", *SIZE)


def rendered(spec: RenderSpec, folder: Path) -> Image.Image:
    """Let an engine change everything, and return what is given out."""
    save_png(Image.new("RGB", SIZE, "red"), folder / "made.png", {"title": "snow"})
    (finished,) = finish_pictures(spec, [artifact(folder / "made.png")])
    form = spec.picture_format
    assert (finished.content_type, finished.path.suffix) == (f"image/{form}", f".{form}")
    with Image.open(finished.path) as image:
        assert image.format == form.upper()
        image.load()
        return image


@pytest.mark.parametrize("form", [OutputFormat.PNG, OutputFormat.WEBP])
def test_outside_of_a_mask_nothing_changes(
    form: OutputFormat, masked: RenderSpec, tmp_path: Path
) -> None:
    result = rendered(replace(masked, picture_format=form), tmp_path).convert("RGB")

    right = (96, 0, *SIZE)
    assert result.crop(right).tobytes() == noise(*SIZE, 1).crop(right).tobytes()
    assert result.crop(LEFT).getcolors() == [(96 * 128, (255, 0, 0))]


def test_a_lossy_picture_is_encoded_once(masked: RenderSpec, tmp_path: Path) -> None:
    smooth = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    smooth.save(masked.references[0])
    spec = replace(masked, picture_format=OutputFormat.JPEG, picture_quality=95)

    assert spec_for_engine(spec).picture_format is OutputFormat.PNG
    difference = ImageChops.difference(rendered(spec, tmp_path), smooth)
    assert max(difference.crop((112, 0, *SIZE)).tobytes()) <= 4


def test_greys_of_a_mask_change_in_part(masked: RenderSpec, tmp_path: Path) -> None:
    assert masked.mask is not None
    Image.new("L", SIZE, 128).save(masked.mask)
    Image.new("RGB", SIZE, "black").save(masked.references[0])
    assert rendered(masked, tmp_path).getpixel((5, 5)) == (128, 0, 0)


def test_what_the_engine_wrote_of_itself_is_kept(masked: RenderSpec, tmp_path: Path) -> None:
    assert rendered(masked, tmp_path).info["title"] == "snow"


def test_the_thumbnail_shows_the_result(masked: RenderSpec, tmp_path: Path) -> None:
    save_png(Image.new("RGB", SIZE, "red"), tmp_path / "made.png", {})
    Image.new("RGB", SIZE, "red").save(tmp_path / "thumbnail.webp", "WEBP")
    Image.new("RGB", SIZE, "blue").save(masked.references[0])
    thumbnail = artifact(tmp_path / "thumbnail.webp", ArtifactRole.THUMBNAIL)

    finish_pictures(masked, [artifact(tmp_path / "made.png"), thumbnail])

    with Image.open(thumbnail.path) as image:
        red, _, blue = image.convert("RGB").resize((3, 1)).getpixel((2, 0))  # type: ignore[misc]
    assert blue > 200 > 60 > red


def test_a_visible_mark_may_lie_outside(masked: RenderSpec, tmp_path: Path) -> None:
    spec = replace(masked, watermark=True, picture_format=OutputFormat.WEBP)
    made = artifact(tmp_path / "made.png")

    assert spec_for_engine(spec) == spec
    assert finish_pictures(spec, [made]) == [made]


def test_other_pictures_stay_as_the_engine_made_them(tmp_path: Path) -> None:
    made = artifact(tmp_path / "made.png")
    assert spec_for_engine(SPEC) == SPEC
    assert finish_pictures(SPEC, [made]) == [made]


@pytest.mark.parametrize("form", OutputFormat)
def test_partial_pictures_are_small_and_in_the_format_of_the_picture(
    form: OutputFormat, tmp_path: Path
) -> None:
    Image.linear_gradient("L").resize((1536, 1024)).convert("RGB").save(tmp_path / "0.png")
    partial = artifact(tmp_path / "0.png", ArtifactRole.PARTIAL)

    (finished,) = finish_pictures(replace(SPEC, picture_format=form), [partial])

    assert (finished.width, finished.height) == (PARTIAL_SIDE, 341)
    with Image.open(finished.path) as image:
        assert (image.format, image.size) == (form.upper(), (PARTIAL_SIDE, 341))
    assert finished.path.stat().st_size < 60_000


@pytest.mark.parametrize("role", [ArtifactRole.IMAGE, ArtifactRole.PARTIAL])
def test_what_cannot_be_read_is_the_engines_failure(
    role: ArtifactRole, masked: RenderSpec, tmp_path: Path
) -> None:
    (tmp_path / "made.png").write_bytes(b"no picture")
    with pytest.raises(EngineError) as caught:
        finish_pictures(masked, [artifact(tmp_path / "made.png", role)])
    assert caught.value.code == "bad_result"
