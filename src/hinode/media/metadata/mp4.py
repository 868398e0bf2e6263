"""Strip MP4 files: all but picture and sound is blanked in place, and nothing moves.

Edit lists, rotation, colour tags and the times of frames stay to the bit. A list says which boxes
stay (ISO/IEC 14496-12); tags, chapters, and tracks of text and data are not on it.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from hinode.media.metadata.boxes import Box, blank, child, children, read_box
from hinode.media.metadata.samples import FragmentedFile, sample_ranges
from hinode.media.metadata.unreadable import UnreadableFile, is_from_system

_MAX_INDEX_BYTES = 64 * 2**20
_ZEROS = bytes(2**20)
_SAMPLE_TABLES = (
    b"stsd stts stss stsh ctts cslg stsc stsz stz2 stco co64 sgpd sbgp sdtp subs saiz saio padb"
)
_KEPT = {
    b"moov": {b"mvhd", b"trak"},
    b"trak": {b"tkhd", b"edts", b"mdia"},
    b"edts": {b"elst"},
    b"mdia": {b"mdhd", b"hdlr", b"minf", b"elng"},
    b"minf": {b"vmhd", b"smhd", b"dinf", b"stbl"},
    b"dinf": {b"dref"},
    b"stbl": set(_SAMPLE_TABLES.split()),
}
_PICTURE, _SOUND = b"vide", b"soun"
# Places within a box's content: of the handler's type and name (§8.4.3), and within a sample
# entry's box: of the encoder's name (§12.1.3).
_HANDLER_TYPE, _HANDLER_NAME = slice(8, 12), 24
_ENCODER_NAME = slice(50, 82)


def strip_mp4(source: Path, target: Path) -> None:
    """Write a copy with nothing but picture and sound. Raises :class:`UnreadableFile`."""
    shutil.copyfile(source, target)
    try:
        try:
            _strip(target)
        except FragmentedFile:
            _remux(source, target)
            _strip(target)
    except (FragmentedFile, IndexError, struct.error) as error:
        raise UnreadableFile("The index of the MP4 cannot be read.") from error


def _strip(path: Path) -> None:
    with path.open("r+b") as file:
        boxes = list(_top_boxes(file))
        index = [box for box in boxes if box.type == b"moov"]
        if len(index) != 1 or index[0].end - index[0].start > _MAX_INDEX_BYTES:
            raise UnreadableFile("The MP4 has no index, or one that is too large.")
        if any(box.type == b"moof" for box in boxes):
            raise FragmentedFile
        kept = _strip_index(file, index[0])
        for box in boxes:
            if box.type == b"mdat":
                _zero_unused(file, box, kept)
            elif box.type not in (b"ftyp", b"moov"):
                _blank_in_file(file, box)


def _top_boxes(file: BinaryIO) -> Iterator[Box]:
    end = file.seek(0, 2)
    start = 0
    while start < end:
        file.seek(start)
        box = read_box(file.read(16), start, end)
        yield box
        start = box.end


def _strip_index(file: BinaryIO, moov: Box) -> list[tuple[int, int]]:
    """Strip the index and return where the samples of the tracks that stay are, in order."""
    file.seek(moov.start)
    data = bytearray(file.read(moov.end - moov.start))
    root = Box(b"moov", 0, moov.content - moov.start, len(data))
    tracks = _kept_tracks(data, root)
    if not tracks:
        raise UnreadableFile("The MP4 has neither picture nor sound.")
    ranges = sorted(part for track in tracks for part in sample_ranges(data, track))
    for one in children(data, root.content, root.end):
        if one.type == b"trak" and one not in tracks:
            blank(data, one)
    _blank_unknown(data, root)
    for track in tracks:
        _remove_names(data, track)
    file.seek(moov.start)
    file.write(data)
    return ranges


def _kept_tracks(data: bytearray, moov: Box) -> list[Box]:
    """Return the tracks of picture and sound; those that are another's chapters are not."""
    tracks = [one for one in children(data, moov.content, moov.end) if one.type == b"trak"]
    chapters = {number for track in tracks for number in _chapter_tracks(data, track)}
    return [
        track
        for track in tracks
        if _handler(data, track) in (_PICTURE, _SOUND) and _number(data, track) not in chapters
    ]


def _chapter_tracks(data: bytearray, track: Box) -> Iterator[bytes]:
    found = child(data, track, b"tref", b"chap")
    if found is not None:
        for place in range(found.content, found.end - 3, 4):
            yield bytes(data[place : place + 4])


def _number(data: bytearray, track: Box) -> bytes:
    header = child(data, track, b"tkhd")
    if header is None:
        raise UnreadableFile("A track of the MP4 has no header.")
    # Version 1 has two times of eight bytes before it, version 0 of four (§8.3.2).
    place = header.content + (20 if data[header.content] == 1 else 12)
    return bytes(data[place : place + 4])


def _handler(data: bytearray, track: Box) -> bytes:
    found = child(data, track, b"mdia", b"hdlr")
    return bytes(data[found.content : found.end][_HANDLER_TYPE]) if found else b""


def _blank_unknown(data: bytearray, parent: Box) -> None:
    for one in children(data, parent.content, parent.end):
        if one.type not in _KEPT[parent.type]:
            blank(data, one)
        elif one.type in _KEPT:
            _blank_unknown(data, one)


def _remove_names(data: bytearray, track: Box) -> None:
    """Zero the names of the track and of its encoder, which are free text."""
    handler = child(data, track, b"mdia", b"hdlr")
    if handler is not None:
        name = handler.content + _HANDLER_NAME
        data[name : handler.end] = bytes(max(0, handler.end - name))
    entries = child(data, track, b"mdia", b"minf", b"stbl", b"stsd")
    if entries is None or _handler(data, track) != _PICTURE:
        return
    for entry in children(data, entries.content + 8, entries.end):
        name, stop = (entry.start + place for place in (_ENCODER_NAME.start, _ENCODER_NAME.stop))
        if stop <= entry.end:
            data[name:stop] = bytes(stop - name)


def _blank_in_file(file: BinaryIO, box: Box) -> None:
    file.seek(box.start + 4)
    file.write(b"free")
    _zero(file, box.content, box.end)


def _zero_unused(file: BinaryIO, box: Box, kept: list[tuple[int, int]]) -> None:
    """Zero what no sample of a kept track uses."""
    place = box.content
    for start, end in kept:
        if end <= place or start >= box.end:
            continue
        _zero(file, place, start)
        place = max(place, end)
    _zero(file, place, box.end)


def _zero(file: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    while start < end:
        start += file.write(_ZEROS[: end - start])


def _remux(source: Path, target: Path) -> None:
    """Copy picture and sound, as they are encoded, into a file with one index."""
    import av

    try:
        with (
            av.open(str(source), format="mp4", options={"protocol_whitelist": "file"}) as old,
            av.open(str(target), "w", format="mp4") as new,
        ):
            kept = [one for one in old.streams if one.type in ("video", "audio")]
            copies = {one.index: new.add_stream_from_template(one) for one in kept}
            for packet in old.demux(kept):
                if packet.dts is not None:
                    packet.stream = copies[packet.stream.index]
                    new.mux(packet)
    except (av.FFmpegError, ValueError) as error:
        if is_from_system(error):
            raise
        raise UnreadableFile("The fragments of the MP4 cannot be read.") from error
