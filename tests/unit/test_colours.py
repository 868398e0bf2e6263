"""Colours are kept by a picture's profile, whatever its format and kind of pixels."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageCms

from hinode.media.image_check import ImageLimits, normalize_image, normalize_mask
from tests.support.profiles import SPACES, grey_ink_profile, grey_profile

COLOURS = [(180, 120, 90), (90, 140, 110), (128, 128, 128), (255, 255, 255), (0, 0, 0)]
FORMATS: dict[str, dict[str, Any]] = {
    "png": {},
    "jpeg": {"quality": 100, "subsampling": 0},
    "webp": {"lossless": True},
    "avif": {"quality": 100, "subsampling": "4:4:4"},
    "heic": {"quality": -1, "chroma": 444},
}


def encoded(image: Image.Image, form: str, profile: bytes | None) -> bytes:
    buffer = io.BytesIO()
    if form == "heic":
        image.info["icc_profile"] = profile
        pillow_heif.from_pillow(image).save(buffer, **FORMATS[form])
    else:
        image.save(buffer, form, icc_profile=profile, **FORMATS[form])
    return buffer.getvalue()


def read(
    image: Image.Image, profile: bytes | None, folder: Path, form: str = "png"
) -> tuple[int, ...]:
    """Send a picture of one colour through, and return the colour that is kept."""
    normalize_image(encoded(image, form, profile), folder / "out.png", ImageLimits())
    with Image.open(folder / "out.png") as kept:
        assert kept.mode == "RGB"
        assert "icc_profile" not in kept.info
        colour = kept.getpixel((8, 8))
    assert isinstance(colour, tuple)
    return colour


def near(one: tuple[int, ...], other: tuple[int, ...], most: int = 2) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= most


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("space", SPACES)
def test_a_picture_is_converted_by_its_profile(space: str, form: str, tmp_path: Path) -> None:
    for colour in COLOURS:
        kept = read(Image.new("RGB", (64, 64), colour), SPACES[space].profile, tmp_path, form)
        assert near(kept, SPACES[space].in_srgb(colour), 3), (colour, kept)


def test_colours_that_srgb_has_not_end_at_its_edge(tmp_path: Path) -> None:
    green = Image.new("RGB", (16, 16), (0, 255, 0))
    assert near(read(green, SPACES["Display P3"].profile, tmp_path), (0, 255, 0), 3)


def test_what_is_transparent_is_converted_and_laid_on_white(tmp_path: Path) -> None:
    space, colour = SPACES["ProPhoto"], (180, 120, 90)
    solid = Image.new("RGBA", (16, 16), (*colour, 255))
    assert near(read(solid, space.profile, tmp_path), space.in_srgb(colour))
    half = Image.new("RGBA", (16, 16), (*colour, 128))
    expected = tuple(round(one * 128 / 255 + 127) for one in space.in_srgb(colour))
    assert near(read(half, space.profile, tmp_path), expected)


def test_palettes_and_greys_have_profiles_too(tmp_path: Path) -> None:
    space, colour = SPACES["Adobe RGB"], (180, 120, 90)
    palette = Image.new("RGB", (16, 16), colour).quantize(4)
    assert near(read(palette, space.profile, tmp_path), space.in_srgb(colour))
    for mode, value in (("L", 100), ("LA", (100, 255))):
        kept = read(Image.new(mode, (16, 16), value), grey_profile(1.0), tmp_path)
        assert near(kept, (168, 168, 168))  # 100/255 of the light


def test_inks_are_converted_by_their_profile(tmp_path: Path) -> None:
    magenta = Image.new("CMYK", (16, 16), (0, 255, 0, 0))
    light = read(magenta, grey_ink_profile(), tmp_path, "jpeg")
    assert near(light, (light[0],) * 3)
    assert 190 < light[0] < 220
    assert read(magenta, None, tmp_path, "jpeg")[1] < 10


@pytest.mark.parametrize(
    "profile",
    [
        None,
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        b"no profile",
        SPACES["ProPhoto"].profile[:200],
        grey_ink_profile(),
        grey_profile(1.0),
    ],
    ids=["none", "sRGB", "text", "cut off", "for inks", "for greys"],
)
def test_other_pictures_keep_every_value(profile: bytes | None, tmp_path: Path) -> None:
    for colour in ((1, 2, 3), (200, 100, 50)):
        assert read(Image.new("RGB", (16, 16), colour), profile, tmp_path) == colour


def test_a_mask_is_not_converted(tmp_path: Path) -> None:
    mask = encoded(Image.new("L", (16, 16), 100), "png", grey_profile(1.0))
    normalize_mask(mask, tmp_path / "mask.png", ImageLimits())
    with Image.open(tmp_path / "mask.png") as kept:
        assert kept.getpixel((8, 8)) == 100
