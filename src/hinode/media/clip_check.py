"""Check videos from users in a child process, within limits.

Video decoders are large and old: an untrusted file is never opened in the server itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class ClipLimits:
    """Bounds for a clip: bytes of file, pixels along one side, seconds."""

    max_bytes: int = 200 * 1024 * 1024
    max_side: int = 4096
    max_seconds: float = 120.0


class VideoContainer(StrEnum):
    """The file formats that a clip may have; their names are those of the decoder."""

    MP4 = "mp4"
    MATROSKA = "matroska"

    @property
    def suffix(self) -> str:
        """The usual suffix of a file name, without its dot."""
        return "mp4" if self is VideoContainer.MP4 else "mkv"

    @property
    def content_type(self) -> str:
        """The media type."""
        return "video/mp4" if self is VideoContainer.MP4 else "video/x-matroska"


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """An examined clip: size in pixels as shown, length in seconds, whether it has sound."""

    width: int
    height: int
    seconds: float
    has_audio: bool
    container: VideoContainer


_MAGIC = (
    (4, b"ftyp", VideoContainer.MP4),
    (0, b"\x1a\x45\xdf\xa3", VideoContainer.MATROSKA),
)


def detect_container(path: Path) -> VideoContainer | None:
    """Return the container that the first bytes of a file name; None for any other.

    The decoder gets the format and never guesses it: a playlist could make it open other files and
    hosts.
    """
    with path.open("rb") as file:
        head = file.read(16)
    found = (one for offset, magic, one in _MAGIC if head[offset:].startswith(magic))
    return next(found, None)


class BadClip(Exception):
    """The clip is rejected; the message names the rule and the remedy."""


def check_clip(
    path: Path,
    limits: ClipLimits,
    *,
    image_path: Path | None = None,
    time_range: tuple[float, float] | None = None,
    candidates: int = 1,
) -> ClipInfo:
    """Check that a file is a video that decodes; write a square picture of its middle on request.

    The middle is that of ``time_range`` (from and to, in seconds) where it is given; of several
    ``candidates``, spread over that part, the sharpest is taken. The suffix of ``image_path`` sets
    its format. Raises :class:`BadClip`. Blocks for as long as the child needs, 20
    seconds at most.
    """
    if path.stat().st_size > limits.max_bytes:
        raise BadClip(f"A clip has at most {limits.max_bytes // 2**20} MB.")
    request = {
        "path": str(path),
        "max_side": limits.max_side,
        "max_seconds": limits.max_seconds,
        "image_path": str(image_path) if image_path else None,
        "time_range": time_range,
        "candidates": candidates,
    }
    return _read(_run(json.dumps(request)))


def _run(request: str) -> bytes:
    command = [sys.executable, "-m", "hinode.media.clip_check_child"]
    try:
        ended = subprocess.run(  # noqa: S603 - our own interpreter and module
            command,
            input=request.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BadClip("The clip takes too long to decode.") from error
    return ended.stdout


def _read(reply: bytes) -> ClipInfo:
    try:
        found = json.loads(reply)
    except ValueError as error:
        # The child died: of its limits, or of the file.
        raise BadClip("The file is not a video that can be decoded.") from error
    if "rejected" in found:
        raise BadClip(found["rejected"])
    return ClipInfo(
        width=found["width"],
        height=found["height"],
        seconds=found["seconds"],
        has_audio=found["has_audio"],
        container=VideoContainer(found["container"]),
    )
