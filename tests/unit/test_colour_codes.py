"""Colours by code points are kept as those by a profile: PNG's cICP, nclx of HEIC and AVIF."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from hinode.media.image_check import ImageLimits, normalize_image
from tests.support.profiles import SPACES

Colour = tuple[int, ...]
COLOURS: list[Colour] = [(180, 120, 90), (120, 140, 110), (128, 128, 128), (255, 255, 255)]
# Linear light of ITU-R BT.2020 as that of sRGB (ITU-R BT.2087 §2).
_FROM_2020 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)
_FROM_P3 = np.array([[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]])
_MATRICES = {1: np.eye(3), 9: _FROM_2020, 12: _FROM_P3}


def in_srgb(colour: Colour, primaries: int, gamma: float | None = None) -> Colour:
    """A colour as sRGB has it, by the arithmetic of the standards."""
    value = np.array(colour) / 255
    curve = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    linear = curve if gamma is None else value**gamma
    light = np.clip(_MATRICES[primaries] @ linear, 0, 1)
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return tuple(int(one) for one in np.rint(encoded * 255))


def png(colour: Colour, *codes: int, profile: bytes | None = None) -> bytes:
    """A PNG with code points in its first chunk after the header."""
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), colour).save(buffer, "PNG", icc_profile=profile)
    plain, head = buffer.getvalue(), 8 + 25
    chunk = b"cICP" + bytes((*codes, 0, 1))
    framed = struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return plain[:head] + framed + plain[head:]


def heic(colour: Colour, primaries: int, transfer: int) -> bytes:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 64), colour)).save(
        buffer, quality=-1, chroma=444, matrix_coefficients=5,
        color_primaries=primaries, transfer_characteristics=transfer,
    )  # fmt: skip
    return buffer.getvalue()


def avif(colour: Colour, primaries: int, transfer: int) -> bytes:
    buffer = io.BytesIO()
    image = Image.new("RGB", (64, 64), colour)
    image.save(buffer, "AVIF", quality=100, subsampling="4:4:4")
    old, new = (
        struct.pack(">4sHH", b"nclx", 1, 13),
        struct.pack(">4sHH", b"nclx", primaries, transfer),
    )
    assert old in buffer.getvalue()
    return buffer.getvalue().replace(old, new)


def read(content: bytes, folder: Path) -> Colour:
    normalize_image(content, folder / "out.png", ImageLimits())
    with Image.open(folder / "out.png") as kept:
        colour = kept.getpixel((8, 8))
    assert isinstance(colour, tuple)
    return colour


def near(one: Colour, other: Colour, most: int = 3) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= most


@pytest.mark.parametrize("make", [png, heic, avif])
@pytest.mark.parametrize("primaries", [9, 12])
def test_a_picture_is_converted_by_its_code_points(
    make: type, primaries: int, tmp_path: Path
) -> None:
    for colour in COLOURS:
        kept = read(make(colour, primaries, 13), tmp_path)
        assert near(kept, in_srgb(colour, primaries)), (colour, kept)


@pytest.mark.parametrize("codes", [(1, 13), (1, 1), (2, 2), (1, 6), (22, 13)])
def test_what_says_srgb_or_nothing_known_stays_to_the_bit(
    codes: tuple[int, int], tmp_path: Path
) -> None:
    assert read(png((180, 120, 90), *codes), tmp_path) == (180, 120, 90)


def test_a_gamma_is_undone(tmp_path: Path) -> None:
    kept = read(png((180, 120, 90), 1, 8), tmp_path)
    assert near(kept, in_srgb((180, 120, 90), 1, gamma=1.0))


@pytest.mark.parametrize(("transfer", "white"), [(16, 148), (18, 191)])
def test_the_reference_white_of_high_dynamic_range_is_white(
    transfer: int, white: int, tmp_path: Path
) -> None:
    assert near(read(png((white,) * 3, 9, transfer), tmp_path), (255, 255, 255), 4)
    assert read(png((255, 255, 255), 9, transfer), tmp_path) == (255, 255, 255)
    darker = read(png((white // 2,) * 3, 9, transfer), tmp_path)
    assert 40 < darker[0] < 200


def test_code_points_come_before_the_profile_of_a_png(tmp_path: Path) -> None:
    profile = SPACES["ProPhoto"].profile
    assert read(png((180, 120, 90), 1, 13, profile=profile), tmp_path) == (180, 120, 90)
    unknown = read(png((180, 120, 90), 22, 13, profile=profile), tmp_path)
    assert near(unknown, SPACES["ProPhoto"].in_srgb((180, 120, 90)))
