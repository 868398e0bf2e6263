"""Read the size and the colours of a HEIC or AVIF picture from its boxes, without decoding it.

ISO/IEC 23008-12 (HEIF) §6.5.3, §6.5.5 and §6.5.10 have its properties `ispe` (size), `colr`
(colours) and `irot` (turn).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from hinode.media.metadata.boxes import Box, children
from hinode.media.metadata.unreadable import UnreadableFile

_BRANDS_END = 64
_AVIF = {b"avif", b"avis"}
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_MAX_BOXES = 2_000
_FULL_BOX = 4
"""Bytes of version and flags before the content of a box that has them."""


def heif_brand(data: bytes) -> str | None:
    """Return ``heic`` or ``avif`` for a file that begins so, else None.

    A file of the common brand `mif1` is told by those that it is compatible with.
    """
    if data[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(data[:4], "big"), _BRANDS_END)
    compatible = {data[at : at + 4] for at in range(16, end, 4)}
    brands = {data[8:12]} | (compatible if data[8:12] in {b"mif1", b"msf1"} else set())
    if brands & _AVIF:
        return "avif"
    return "heic" if brands & _HEIC else None


def heif_size(data: bytes) -> tuple[int, int] | None:
    """Return the size of the largest picture as it is shown, None where the boxes are broken."""
    try:
        return _size(data)
    except UnreadableFile:
        return None


def heif_colour_codes(data: bytes) -> tuple[int, int] | None:
    """Return the code points of primaries and transfer (`nclx`), None without any."""
    try:
        place = _properties(data)
        found = (
            [box.content for box in _boxes(data, *place) if box.type == b"colr"] if place else []
        )
    except UnreadableFile:
        return None
    named = (at + 4 for at in found if data[at : at + 4] == b"nclx")
    at = next(named, None)
    return None if at is None else (_big(data[at : at + 2]), _big(data[at + 2 : at + 4]))


def _properties(data: bytes) -> tuple[int, int] | None:
    """Return where the properties of the pictures begin and end."""
    place = (0, len(data))
    for name, skipped in ((b"meta", _FULL_BOX), (b"iprp", 0), (b"ipco", 0)):
        box = next((one for one in _boxes(data, *place) if one.type == name), None)
        if box is None:
            return None
        place = (box.content + skipped, box.end)
    return place


def _size(data: bytes) -> tuple[int, int] | None:
    place = _properties(data)
    if place is None:
        return None
    sizes, turned = [(0, 0)], False
    for box in _boxes(data, *place):
        if box.type == b"ispe":
            at = box.content + _FULL_BOX
            sizes.append((_big(data[at : at + 4]), _big(data[at + 4 : at + 8])))
        elif box.type == b"irot":
            turned = turned or bool(_big(data[box.content : box.content + 1]) & 1)
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return (height, width) if turned else (width, height)


def _boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """Yield the first boxes: how long it takes does not depend on what a file claims."""
    return islice(children(data, start, end), _MAX_BOXES)


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")
