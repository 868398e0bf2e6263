"""Read an image's format and size from its first bytes, without decoding it.

Formats: PNG (W3C PNG 3rd edition §11.2.1), JPEG (ITU-T T.81 annex B), WebP (RFC 9649 §2), and HEIC
and AVIF, which :mod:`hinode.media.heif_header` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from hinode.media.heif_header import heif_brand, heif_size

_PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
_JPEG_START = b"\xff\xd8\xff"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MAX_SEGMENTS = 2_000
"""Segments before the size: the largest profiles and metadata take a few hundred."""

_JPEG_SCAN, _JPEG_END = 0xDA, 0xD9
# A marker that is neither a stuffed 0xFF, nor a restart, nor padding before another marker.
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")


class ImageFormat(StrEnum):
    """The image formats that Hinode reads."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    AVIF = "avif"


ACCEPTED = "JPEG, PNG, WebP, HEIC or AVIF"
"""The formats that users may send, in words."""


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Format and stored size in pixels, and how many passes over all pixels the file asks for."""

    format: ImageFormat
    width: int
    height: int
    scans: int = 1


def sniff(data: bytes) -> ImageFormat | None:
    """Return the format by the magic bytes alone."""
    if data.startswith(_PNG_START):
        return ImageFormat.PNG
    if data.startswith(_JPEG_START):
        return ImageFormat.JPEG
    if data[:4] == b"RIFF" and data[8:15] == b"WEBPVP8":
        return ImageFormat.WEBP
    brand = heif_brand(data)
    return ImageFormat(brand) if brand else None


def read_header(data: bytes) -> ImageHeader | None:
    """Read the header, or None when the format is not read here or the header is cut off."""
    match found := sniff(data):
        case ImageFormat.PNG if len(data) >= 24:
            return ImageHeader(ImageFormat.PNG, _big(data[16:20]), _big(data[20:24]))
        case ImageFormat.JPEG:
            return _jpeg_header(data)
        case ImageFormat.WEBP if len(data) >= 30:
            return _webp_header(data)
        case ImageFormat.HEIC | ImageFormat.AVIF if size := heif_size(data):
            return ImageHeader(found, *size)
    return None


def read_size(data: bytes) -> ImageHeader | None:
    """Read the header as :func:`read_header` does, but no further than to the size.

    For files that nobody has checked: how long it takes does not depend on what they hold.
    """
    if sniff(data) is not ImageFormat.JPEG:
        return read_header(data)
    for marker, body in islice(_jpeg_segments(data), _MAX_SEGMENTS):
        if marker in _JPEG_FRAMES:
            return ImageHeader(ImageFormat.JPEG, *_jpeg_size(data, body))
    return None


def _jpeg_size(data: bytes, body: int) -> tuple[int, int]:
    return _big(data[body + 5 : body + 7]), _big(data[body + 3 : body + 5])


def _jpeg_header(data: bytes) -> ImageHeader | None:
    size: tuple[int, int] | None = None
    scans = 0
    for marker, body in _jpeg_segments(data):
        if marker in _JPEG_FRAMES and size is None:
            size = _jpeg_size(data, body)
        scans += marker == _JPEG_SCAN
    return ImageHeader(ImageFormat.JPEG, *size, scans) if size else None


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Every (marker, offset of its length field) up to the end of the first picture.

    Segments are skipped by their length, so a thumbnail inside one is ignored.
    """
    position = 2
    while found := _JPEG_MARKER.search(data, position):
        marker, body = found[1][0], found.end()
        if marker == _JPEG_END:
            return
        yield marker, body
        position = body + max(2, _big(data[body : body + 2]))


def _webp_header(data: bytes) -> ImageHeader | None:
    match data[12:16]:
        case b"VP8X":
            size = _little(data[24:27]) + 1, _little(data[27:30]) + 1
        case b"VP8L" if data[20] == 0x2F:
            bits = _little(data[21:25])
            size = (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
        case b"VP8 " if data[23:26] == b"\x9d\x01\x2a":
            size = _little(data[26:28]) & 0x3FFF, _little(data[28:30]) & 0x3FFF
        case _:
            return None
    return ImageHeader(ImageFormat.WEBP, *size)


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
