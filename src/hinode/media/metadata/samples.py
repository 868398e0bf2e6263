"""The places of the samples of an MP4's track in its file (ISO/IEC 14496-12 §8.7)."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from hinode.media.metadata.boxes import Box, child
from hinode.media.metadata.unreadable import UnreadableFile


class FragmentedFile(Exception):
    """The samples are listed in fragments, or in a form that is rare."""


def sample_ranges(data: bytearray, track: Box) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each chunk of a track.

    Raises :class:`FragmentedFile`, and :class:`UnreadableFile` for tables that do not agree.
    """
    table = child(data, track, b"mdia", b"minf", b"stbl")
    if table is None:
        raise UnreadableFile("A track of the MP4 has no tables of samples.")
    starts, counts = _samples_per_chunk(data, table)
    offsets = _chunk_offsets(data, table)
    if offsets and not counts:
        raise UnreadableFile("A track of the MP4 has chunks without samples.")
    sizes = child(data, table, b"stsz")
    if sizes is None:
        raise FragmentedFile
    fixed, total = struct.unpack_from(">II", data, _checked(sizes, 12))
    lengths = () if fixed else _numbers(data, sizes.content + 12, sizes.end, total, "I")
    sums = (0, *accumulate(lengths))
    first = 0
    for chunk, offset in enumerate(offsets):
        last = min(total, first + counts[max(0, bisect_right(starts, chunk) - 1)])
        yield offset, offset + ((last - first) * fixed if fixed else sums[last] - sums[first])
        first = last


def _samples_per_chunk(data: bytearray, table: Box) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the first chunks of the runs, and the samples in each chunk of a run."""
    box = _required(data, table, b"stsc")
    (runs,) = struct.unpack_from(">I", data, _checked(box, 8))
    values = _numbers(data, box.content + 8, box.end, runs * 3, "I")
    # Chunks are counted from 1 in the file and from 0 here.
    return tuple(first - 1 for first in values[::3]), values[1::3]


def _chunk_offsets(data: bytearray, table: Box) -> tuple[int, ...]:
    large = child(data, table, b"co64")
    box = large or _required(data, table, b"stco")
    (count,) = struct.unpack_from(">I", data, _checked(box, 8))
    return _numbers(data, box.content + 8, box.end, count, "Q" if large else "I")


def _required(data: bytearray, table: Box, name: bytes) -> Box:
    found = child(data, table, name)
    if found is None:
        raise UnreadableFile("A track of the MP4 lacks a table of samples.")
    return found


def _checked(box: Box, length: int) -> int:
    """Return the place after version and flags of a box that has at least ``length`` bytes."""
    if box.end - box.content < length:
        raise UnreadableFile("A table of the MP4 is cut off.")
    return box.content + 4


def _numbers(data: bytearray, start: int, end: int, count: int, kind: str) -> tuple[int, ...]:
    if count * struct.calcsize(f">{kind}") > end - start:
        raise UnreadableFile("A table of the MP4 is cut off.")
    return struct.unpack_from(f">{count}{kind}", data, start)
