"""Remove all that a media file says beside its pictures and sound, and change nothing that shows.

An engine's file may carry the whole of its making: prompts, settings, places. Only what players
need is kept, so that metadata of a kind that nobody has thought of goes, too.
"""

from __future__ import annotations

import os
from pathlib import Path

from hinode.media.image_header import sniff
from hinode.media.metadata.boxes import is_mp4
from hinode.media.metadata.mp4 import strip_mp4
from hinode.media.metadata.pictures import strip_picture
from hinode.media.metadata.unreadable import UnreadableFile

_HEAD_BYTES = 64


def strip_metadata(path: Path) -> None:
    """Strip an MP4, PNG, JPEG or WebP file in place.

    Raises :class:`UnreadableFile` for another format or a broken file, which is then unchanged.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    stripped = path.with_name(f"{path.stem}.stripped{path.suffix}")
    try:
        if form := sniff(head):
            strip_picture(path, stripped, form)
        elif is_mp4(head):
            strip_mp4(path, stripped)
        else:
            raise UnreadableFile("It is no MP4, PNG, JPEG or WebP file.")
        os.replace(stripped, path)
    finally:
        stripped.unlink(missing_ok=True)
