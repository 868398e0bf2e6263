"""Which images are refused and why, and what the upright copy looks like."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image

from hinode.media.image_check import (
    BadImage,
    BadImageCode,
    ImageInfo,
    ImageLimits,
    check_image,
    normalize_image,
)
from hinode.media.image_decoders import DECODERS
from hinode.media.image_header import ImageFormat, read_size

LIMITS = ImageLimits(max_bytes=1_000_000, max_pixels=4_000_000, max_side=4_000)
ORIENTATION = 0x0112


def picture(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """Noise, so that no format can make the file tiny."""
    noise = random.Random(width).randbytes(width * height * len(Image.new(mode, (1, 1)).getbands()))
    return Image.frombytes(mode, (width, height), noise)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    if kind == "heic":
        pillow_heif.from_pillow(image).save(buffer, **options)
        return buffer.getvalue()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_claiming(width: int, height: int, *rest: bytes) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(rest) + png_chunk(b"IEND", b"")


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + name + content


def heif_claiming(brand: bytes, width: int, height: int) -> bytes:
    size = box(b"ispe", struct.pack(">III", 0, width, height))
    meta = box(b"meta", bytes(4) + box(b"iprp", box(b"ipco", size)))
    return box(b"ftyp", brand + bytes(4) + b"mif1") + box(b"free", b"") + meta


def refusal(data: bytes | Path, limits: ImageLimits = LIMITS) -> BadImage:
    with pytest.raises(BadImage) as caught:
        check_image(data, limits)
    return caught.value


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("jpeg", {}),
        ("jpeg", {"progressive": True}),
        ("png", {}),
        ("webp", {}),
        ("webp", {"lossless": True}),
        ("webp", {"exif": b"Exif\0\0"}),  # the extended form
        ("avif", {}),
        ("heic", {}),
    ],
)
def test_each_format_is_accepted_with_its_size(kind: str, options: dict[str, Any]) -> None:
    data = encoded(picture(61, 37), kind, **options)
    assert check_image(data, LIMITS) == ImageInfo(ImageFormat(kind), 61, 37)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_accepted(mode: str) -> None:
    source = Image.new(mode, (20, 10)) if mode != "P" else picture(20, 10).convert("P")
    assert check_image(encoded(source, "png"), LIMITS).width == 20


def test_a_cmyk_jpeg_is_accepted(tmp_path: Path) -> None:
    data = encoded(picture(20, 10, "CMYK"), "jpeg")
    assert normalize_image(data, tmp_path / "out.png", LIMITS).width == 20


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_an_animation_counts_as_its_first_picture(kind: str, tmp_path: Path) -> None:
    first, second = Image.new("RGB", (30, 20), "red"), Image.new("RGB", (30, 20), "blue")
    data = encoded(first, kind, save_all=True, append_images=[second], lossless=True)
    assert check_image(data, LIMITS) == ImageInfo(ImageFormat(kind), 30, 20)
    normalize_image(data, tmp_path / "out.png", LIMITS)
    with Image.open(tmp_path / "out.png") as out:
        assert out.getpixel((5, 5)) == (255, 0, 0)


def test_a_path_is_read(tmp_path: Path) -> None:
    path = tmp_path / "wrong-name.txt"
    path.write_bytes(encoded(picture(), "png"))
    assert check_image(path, LIMITS).format is ImageFormat.PNG


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", BadImageCode.EMPTY),
        (b"just some text\n" * 50, BadImageCode.NOT_AN_IMAGE),
        (b"GIF89a" + bytes(100), BadImageCode.NOT_AN_IMAGE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", BadImageCode.NOT_AN_IMAGE),
        (b"RIFF\0\0\0\0WAVEfmt " + bytes(40), BadImageCode.NOT_AN_IMAGE),
        (bytes(1_000_001), BadImageCode.TOO_MANY_BYTES),
        (b"\xff\xd8\xff", BadImageCode.BROKEN),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", BadImageCode.BROKEN),
        (b"RIFF\0\0\0\0WEBPVP8X", BadImageCode.BROKEN),
        (png_claiming(0, 10), BadImageCode.BROKEN),
        (png_claiming(10, 10), BadImageCode.BROKEN),  # no pixels at all
        (png_claiming(50_000, 50_000), BadImageCode.TOO_MANY_PIXELS),
        (png_claiming(4_001, 1), BadImageCode.TOO_MANY_PIXELS),
        (heif_claiming(b"heic", 50_000, 50_000), BadImageCode.TOO_MANY_PIXELS),
        (heif_claiming(b"avif", 50_000, 50_000), BadImageCode.TOO_MANY_PIXELS),
        (heif_claiming(b"avif", 0, 0), BadImageCode.BROKEN),
        (heif_claiming(b"heic", 10, 10), BadImageCode.BROKEN),
        (heif_claiming(b"isom", 10, 10), BadImageCode.NOT_AN_IMAGE),
    ],
)
def test_what_is_no_usable_image_is_refused(data: bytes, code: BadImageCode) -> None:
    assert refusal(data).code == code


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif", "heic"])
def test_a_truncated_file_is_refused_wherever_it_ends(kind: str) -> None:
    data = encoded(picture(), kind)
    for kept in (0.1, 0.5, 0.9):
        assert refusal(data[: int(len(data) * kept)]).code == BadImageCode.BROKEN


@pytest.mark.parametrize(
    "data",
    [
        png_claiming(50_000, 50_000),
        b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff\xff\x00" * 2 + bytes(20),
        b"RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0/" + b"\xff\xff\xff\x0f" + bytes(20),
        b"\xff\xd8\xff\xc0\x00\x11\x08" + b"\xff\xff" * 2 + b"\x03" + bytes(20),
    ],
    ids=["png", "webp extended", "webp lossless", "jpeg"],
)
def test_a_huge_size_in_the_header_is_refused_before_decoding(data: bytes) -> None:
    tracemalloc.start()
    error = refusal(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.code == BadImageCode.TOO_MANY_PIXELS
    assert str(LIMITS.max_pixels) in error.message
    assert peak < 100_000


def test_a_second_header_cannot_smuggle_another_size_in() -> None:
    second = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    data = png_claiming(10, 10, second, png_chunk(b"IDAT", zlib.compress(bytes(310))))
    assert refusal(data).code == BadImageCode.BROKEN


def test_a_jpeg_of_a_thousand_scans_is_refused() -> None:
    data = encoded(picture(), "jpeg", progressive=True)
    scan = data[data.rindex(b"\xff\xda") : -2]
    error = refusal(data[:-2] + scan * 1000 + b"\xff\xd9")
    assert error.code == BadImageCode.TOO_COMPLEX


def test_scans_are_counted_outside_of_metadata_and_trailers() -> None:
    data = encoded(picture(), "jpeg")
    comment = b"\xff\xfe\xea\x62" + b"\xff\xda" * 30_000
    noisy = data[:2] + comment + data[2:] + b"\xff\xda" * 1000
    assert check_image(noisy, LIMITS).width == 60


def test_a_text_bomb_in_a_png_is_refused_without_unfolding_it() -> None:
    bomb = png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000), 9))
    good = png_chunk(b"IDAT", zlib.compress(bytes(310)))
    tracemalloc.start()
    refused = refusal(png_claiming(10, 10, bomb, good))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.code == BadImageCode.BROKEN
    assert peak < 40_000_000


@pytest.mark.parametrize("name", [b"zTXt", b"iTXt"])
def test_the_text_of_a_whole_workflow_is_no_damage(name: bytes) -> None:
    head = b"workflow\0\0" if name == b"zTXt" else b"workflow\0\1\0\0\0"
    text = random.Random(3).randbytes(2_000_000).hex().encode()
    chunk = png_chunk(name, head + zlib.compress(text, 9))
    data = png_claiming(10, 10, chunk, png_chunk(b"IDAT", zlib.compress(bytes(310))))
    assert check_image(data, ImageLimits()).width == 10


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 0}, {"quality": 99}]
)
def test_a_jpeg_that_lacks_only_its_end_is_whole(options: dict[str, Any], tmp_path: Path) -> None:
    data = encoded(picture(61, 37), "jpeg", **options)
    assert check_image(data[:-2], LIMITS) == check_image(data, LIMITS)
    for name, content in (("whole", data), ("cut", data[:-2])):
        normalize_image(content, tmp_path / name, LIMITS)
    assert (tmp_path / "cut").read_bytes() == (tmp_path / "whole").read_bytes()
    assert refusal(data[: -len(data) // 20]).code == BadImageCode.BROKEN


@pytest.mark.parametrize("turn", [90, 270, 180])
def test_a_heic_stands_as_its_boxes_turn_it(turn: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = {90: 8, 180: 3, 270: 6}[turn]
    stored = Image.new("RGB", (96, 64), "black")
    data = encoded(stored, "heic", exif=exif.tobytes())
    upright = (96, 64) if turn == 180 else (64, 96)
    info = check_image(data, LIMITS)
    assert (info.width, info.height) == upright
    assert normalize_image(data, tmp_path / "out.png", LIMITS) == info
    header = read_size(data)
    assert header is not None
    assert (header.width, header.height) == upright


@pytest.mark.parametrize("form", [ImageFormat.HEIC, ImageFormat.AVIF])
def test_a_missing_decoder_is_told(form: ImageFormat, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(picture(), form.value)
    monkeypatch.delitem(DECODERS, form)
    error = refusal(data)
    assert error.code == BadImageCode.NO_DECODER
    assert f"cannot read {form.upper()} images; send a JPEG" in error.message


def test_random_damage_never_raises_anything_else() -> None:
    dice = random.Random(7)
    for kind in ("jpeg", "png", "webp", "avif", "heic"):
        whole = encoded(picture(), kind)
        for _ in range(60):
            data = bytearray(whole)
            for _ in range(dice.randint(1, 20)):
                data[dice.randrange(len(data))] = dice.randrange(256)
            with contextlib.suppress(BadImage):
                check_image(bytes(data), LIMITS)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_upright_copy_looks_as_a_viewer_shows_it(orientation: int, tmp_path: Path) -> None:
    # Each stored corner, by the EXIF orientation, ends where CIPA DC-008 says.
    stored = Image.new("RGB", (40, 20), "black")
    stored.paste("white", (0, 0, 10, 10))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = encoded(stored, "png", exif=exif)
    info = normalize_image(data, tmp_path / "out.png", LIMITS)
    assert info == check_image(data, LIMITS)
    assert (info.width, info.height) == ((40, 20) if orientation < 5 else (20, 40))
    with Image.open(tmp_path / "out.png") as out:
        assert out.size == (info.width, info.height)
        right, bottom = info.width - 1, info.height - 1
        corners = [(0, 0), (right, 0), (right, bottom), (0, bottom)]
        white = [corner for corner in corners if out.getpixel(corner) == (255, 255, 255)]
    expected = {1: 0, 2: 1, 3: 2, 4: 3, 5: 0, 6: 1, 7: 2, 8: 3}[orientation]
    assert white == [corners[expected]]


def test_the_copy_carries_no_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    data = encoded(picture(), "jpeg", exif=exif, comment="secret", icc_profile=b"profile")
    normalize_image(data, tmp_path / "out.png", LIMITS)
    copy = (tmp_path / "out.png").read_bytes()
    assert b"eXIf" not in copy
    assert b"iCCP" not in copy
    assert b"tEXt" not in copy
    assert b"secret" not in copy


def test_transparency_becomes_white(tmp_path: Path) -> None:
    data = encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 0)), "png")
    normalize_image(data, tmp_path / "out.png", LIMITS)
    with Image.open(tmp_path / "out.png") as out:
        assert (out.mode, out.getpixel((0, 0))) == ("RGB", (255, 255, 255))


def test_sixteen_bit_grey_keeps_its_tones(tmp_path: Path) -> None:
    grey = Image.frombytes("I;16", (2, 1), struct.pack("<HH", 0x4000, 0xFFFF))
    normalize_image(encoded(grey, "png"), tmp_path / "out.png", LIMITS)
    with Image.open(tmp_path / "out.png") as out:
        assert [out.getpixel((x, 0)) for x in (0, 1)] == [(64,) * 3, (255,) * 3]
