"""What an extended file says of the lengths of its parts, so that the next one fits on."""

from __future__ import annotations

import re
from pathlib import Path

import av

# The key of the container's metadata; MP4 has room for only a few.
KEY = "description"
_TEXT = re.compile(r"Parts of (\d{1,6}(?:\+\d{1,6})*) frames")


def parts_note(parts: tuple[int, ...]) -> str:
    """The lengths of the parts as words."""
    return f"Parts of {'+'.join(map(str, parts))} frames"


def parts_of(source: Path, frames: int) -> tuple[int, ...]:
    """The lengths of a file's parts; one of ``frames`` where it says nothing that adds up."""
    try:
        with av.open(str(source)) as container:
            found = _TEXT.fullmatch(container.metadata.get(KEY, ""))
    except (av.FFmpegError, OSError):
        found = None
    parts = tuple(int(part) for part in found[1].split("+")) if found else ()
    return parts if parts and all(parts) and sum(parts) == frames else (frames,)
