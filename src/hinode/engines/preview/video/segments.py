"""The segment lengths that an extended file records, so that the next extension fits on."""

from __future__ import annotations

import re
from pathlib import Path

import av

# The key of the container's metadata; MP4 has room for only a few.
METADATA_KEY = "description"
_TEXT = re.compile(r"Parts of (\d{1,6}(?:\+\d{1,6})*) frames")


def format_segments(segments: tuple[int, ...]) -> str:
    """Return the lengths of the segments as words."""
    return f"Parts of {'+'.join(map(str, segments))} frames"


def read_segments(source: Path, frames: int) -> tuple[int, ...]:
    """Return the lengths of a file's segments; one of ``frames`` if they do not add up to it."""
    try:
        with av.open(str(source)) as container:
            found = _TEXT.fullmatch(container.metadata.get(METADATA_KEY, ""))
    except (av.FFmpegError, OSError):
        found = None
    segments = tuple(int(part) for part in found[1].split("+")) if found else ()
    return segments if segments and all(segments) and sum(segments) == frames else (frames,)
