"""Strip pictures: the parts that draw them stay, everything else goes, and they stand upright.

A picture is encoded anew only where its Exif orientation turns or mirrors it: with the orientation
gone, its pixels must be turned themselves.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, ImageSequence, JpegImagePlugin

from hinode.media.image_check import ImageLimits
from hinode.media.image_header import ImageFormat, read_header
from hinode.media.metadata.unreadable import UnreadableFile, is_from_system

_ORIENTATION = 0x0112
_UPRIGHT = 1
_PNG_START = b"\x89PNG\r\n\x1a\n"
# W3C PNG 3rd edition §4.7: what draws the picture, its colours, its shape and its animation.
_PNG_DRAWN = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"bKGD", b"pHYs"}
_PNG_COLOURS = {b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI"}
_PNG_KEPT = _PNG_DRAWN | _PNG_COLOURS | {b"acTL", b"fcTL", b"fdAT"}
_WEBP_KEPT = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
# RFC 9649 §2.7: the bits of VP8X that announce Exif and XMP.
_WEBP_METADATA_BITS = 0b1100
_WEBP_QUALITY = 95
_JPEG_END, _JPEG_SCAN = 0xD9, 0xDA
_JPEG_APPLICATION, _JPEG_COMMENT = range(0xE0, 0xF0), 0xFE
_JPEG_STANDALONE = frozenset((0x01, *range(0xD0, 0xD8)))
# JFIF, ICC.1 annex B.4, and Adobe's transform of colours.
_JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_JFIF_BYTES = 14


def strip_picture(source: Path, target: Path, form: ImageFormat) -> None:
    """Write a copy that stands upright and says nothing.

    Raises :class:`UnreadableFile`, and ``OSError`` where the system fails.
    """
    if form not in _STRIPPERS:
        raise UnreadableFile(f"Engines may not return {form.upper()} files.")
    try:
        data = _upright(source, form)
        target.write_bytes(_STRIPPERS[form](data))
    except (OSError, SyntaxError, ValueError, IndexError, struct.error) as error:
        if is_from_system(error):
            raise
        raise UnreadableFile("The picture cannot be read.") from error


def _upright(source: Path, form: ImageFormat) -> bytes:
    """Return the picture's own file, or one with the picture turned."""
    with Image.open(source, formats=[form.upper()]) as image:
        if _orientation(image, source) == _UPRIGHT:
            return source.read_bytes()
        frames = [ImageOps.exif_transpose(one) for one in ImageSequence.Iterator(image)]
        options = _save_options(image, source)
        if len(frames) > 1:
            options |= {"save_all": True, "append_images": frames[1:]}
            options |= {"duration": _durations(image), "loop": image.info.get("loop", 0)}
        turned = BytesIO()
        frames[0].save(turned, form.upper(), icc_profile=image.info.get("icc_profile"), **options)
    return turned.getvalue()


def _orientation(image: Image.Image, source: Path) -> int:
    """Return the Exif orientation; an XMP one turns no picture in a browser."""
    exif = image.info.get("exif")
    if exif is None and image.format == "PNG":
        _reject_huge(source)
        image.load()  # a PNG may have its Exif after its pixels
        exif = image.info.get("exif")
    if exif is None:
        return _UPRIGHT
    found = Image.Exif()
    found.load(exif)
    turned = found.get(_ORIENTATION, _UPRIGHT)
    if turned not in range(2, 9):
        return _UPRIGHT
    _reject_huge(source)
    return int(turned)


def _reject_huge(source: Path) -> None:
    header = read_header(source.read_bytes())
    if header is None or header.width * header.height > ImageLimits().max_pixels:
        raise UnreadableFile("The picture is too large to be turned upright.")


def _save_options(image: Image.Image, source: Path) -> dict[str, Any]:
    """Encode as closely as the format can."""
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        sampling = JpegImagePlugin.get_sampling(image)
        return {"qtables": image.quantization, "subsampling": sampling}
    if image.format == "WEBP":
        lossless = _is_lossless(source.read_bytes())
        return {"lossless": lossless, "quality": 100 if lossless else _WEBP_QUALITY}
    return {}


def _is_lossless(data: bytes) -> bool:
    # A frame of an animation has its own chunks after 24 bytes (RFC 9649 §2.7.1.1).
    return any(
        b"VP8L" in (name, data[start + 24 : start + 28] if name == b"ANMF" else b"")
        for name, start, _ in _webp_chunks(data)
    )


def _durations(image: Image.Image) -> list[int]:
    found = []
    for frame in ImageSequence.Iterator(image):
        frame.load()
        found.append(int(frame.info.get("duration", 0)))
    return found


def _strip_png(data: bytes) -> bytes:
    kept, place = [_PNG_START], len(_PNG_START)
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        name, end = data[place + 4 : place + 8], place + 12 + length
        if end > len(data):
            raise ValueError("a chunk is cut off")
        if name in _PNG_KEPT:
            kept.append(data[place:end])
        if name == b"IEND":
            break
        place = end
    return b"".join(kept)


def _strip_webp(data: bytes) -> bytes:
    kept = []
    for name, start, end in _webp_chunks(data):
        if name in _WEBP_KEPT:
            chunk = bytearray(data[start:end])
            if name == b"VP8X":
                chunk[8] &= ~_WEBP_METADATA_BITS
            kept.append(bytes(chunk) + b"\0" * (len(chunk) % 2))
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    place, last = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while place + 8 <= last:
        (length,) = struct.unpack_from("<I", data, place + 4)
        end = place + 8 + length
        if end > len(data):
            raise ValueError("a chunk is cut off")
        yield data[place : place + 4], place, end
        place = end + length % 2


def _strip_jpeg(data: bytes) -> bytes:
    kept, place = [data[:2]], 2
    while True:
        while data[place : place + 2] == b"\xff\xff":
            place += 1
        if data[place] != 0xFF:
            raise ValueError("there is no marker where one should be")
        marker = data[place + 1]
        if marker == _JPEG_END:
            return b"".join((*kept, b"\xff\xd9"))
        if marker in _JPEG_STANDALONE:
            end = place + 2
        else:
            end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if _is_drawn(marker, data[place + 4 : end]):
            kept.append(_without_thumbnail(marker, data[place:end]))
        if marker == _JPEG_SCAN:
            start, end = end, _scan_end(data, end)
            kept.append(data[start:end])
        place = end


def _is_drawn(marker: int, body: bytes) -> bool:
    if marker in _JPEG_APPLICATION:
        return marker in _JPEG_KEPT and body.startswith(_JPEG_KEPT[marker])
    return marker != _JPEG_COMMENT


def _without_thumbnail(marker: int, segment: bytes) -> bytes:
    """Cut the small picture off a JFIF header."""
    if marker != _JPEG_APPLICATION.start:
        return segment
    fixed = segment[4 : 4 + _JFIF_BYTES - 2 - 2] + b"\0\0"
    return segment[:2] + struct.pack(">H", len(fixed) + 2) + fixed


def _scan_end(data: bytes, place: int) -> int:
    """Return the place of the first marker after a scan's data."""
    while True:
        place = data.index(b"\xff", place)
        if data[place + 1] != 0 and data[place + 1] not in _JPEG_STANDALONE:
            return place
        place += 2


_STRIPPERS: dict[ImageFormat, Callable[[bytes], bytes]] = {
    ImageFormat.PNG: _strip_png,
    ImageFormat.JPEG: _strip_jpeg,
    ImageFormat.WEBP: _strip_webp,
}
