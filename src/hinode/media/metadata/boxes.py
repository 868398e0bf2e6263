"""The boxes of MP4 files (ISO/IEC 14496-12 §4.2): where they are, and blanking them in place."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from hinode.media.metadata.unreadable import UnreadableFile

_HEADER, _LARGE_HEADER = 8, 16


@dataclass(frozen=True, slots=True)
class Box:
    """A box in some bytes or a file: its type, its start, the start of its content, its end."""

    type: bytes
    start: int
    content: int
    end: int


def is_mp4(head: bytes) -> bool:
    """Return whether a file that begins so is an MP4 or QuickTime file."""
    return head[4:8] in (b"ftyp", b"moov", b"styp")


def read_box(head: bytes, start: int, end: int) -> Box:
    """Return the box that starts at ``start`` with the bytes ``head``, within ``end``."""
    if len(head) < _HEADER:
        raise UnreadableFile("A box of the MP4 is cut off.")
    size, content = struct.unpack(">I", head[:4])[0], start + _HEADER
    if size == 1 and len(head) >= _LARGE_HEADER:
        size, content = struct.unpack(">Q", head[8:16])[0], start + _LARGE_HEADER
    stop = end if size == 0 else start + size
    if not content <= stop <= end:
        raise UnreadableFile("A box of the MP4 has a wrong size.")
    return Box(bytes(head[4:8]), start, content, stop)


def children(data: bytes | bytearray, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two places."""
    while end - start >= _HEADER:
        box = read_box(bytes(data[start : min(end, start + _LARGE_HEADER)]), start, end)
        yield box
        start = box.end


def child(data: bytearray, box: Box, *path: bytes) -> Box | None:
    """Return the first box at a path below a box, or None."""
    for name in path:
        found = next(
            (one for one in children(data, box.content, box.end) if one.type == name), None
        )
        if found is None:
            return None
        box = found
    return box


def blank(data: bytearray, box: Box) -> None:
    """Turn a box into free space of the same size: nothing after it moves."""
    data[box.start + 4 : box.start + 8] = b"free"
    data[box.content : box.end] = bytes(box.end - box.content)
