"""Check videos from users in a decoding process, within limits.

Video decoders are large and old: an untrusted file is never opened in the server itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hinode.media.decoding.process import decode
from hinode.media.decoding.protocol import DecodingDied, Rejected, Reply, Request

DECODING_TASK = "hinode.media.decoding.clips"
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


@dataclass(frozen=True, slots=True)
class Sampling:
    """A square picture to make of a clip's middle; the suffix of ``image_path`` sets its format.

    The middle is that of ``time_range`` (from and to, in seconds) where it is given; of several
    ``candidates``, spread over that part, the sharpest is taken.
    """

    image_path: Path | None = None
    time_range: tuple[float, float] | None = None
    candidates: int = 1


NO_SAMPLING = Sampling()


def check_clip(path: Path, limits: ClipLimits, sampling: Sampling = NO_SAMPLING) -> ClipInfo:
    """Check that a file is a video that decodes; write a picture of it on request.

    Raises :class:`BadClip`. Blocks for as long as the process needs, 20 seconds at most.
    """
    request = clip_request(path, limits, sampling)
    with clip_errors():
        return clip_info(decode(DECODING_TASK, request))


def clip_request(path: Path, limits: ClipLimits, sampling: Sampling) -> Request:
    """Return the request to a decoding process. Raises :class:`BadClip` for too large a file."""
    if path.stat().st_size > limits.max_bytes:
        raise BadClip(f"A clip has at most {limits.max_bytes // 2**20} MB.")
    return {
        "path": str(path),
        "seconds": _TIMEOUT_SECONDS,
        "max_side": limits.max_side,
        "max_seconds": limits.max_seconds,
        "image_path": str(sampling.image_path) if sampling.image_path else None,
        "time_range": sampling.time_range,
        "candidates": sampling.candidates,
    }


@contextmanager
def clip_errors() -> Iterator[None]:
    """Raise the errors of a decoding process as :class:`BadClip`."""
    try:
        yield
    except Rejected as error:
        raise BadClip(str(error)) from error
    except DecodingDied as error:
        raise BadClip(
            "The clip takes too long to decode."
            if error.late
            else "The file is not a video that can be decoded."
        ) from error


def clip_info(reply: Reply) -> ClipInfo:
    """Return the facts of a decoding process's reply."""
    return ClipInfo(
        width=reply["width"],
        height=reply["height"],
        seconds=reply["seconds"],
        has_audio=reply["has_audio"],
        container=VideoContainer(reply["container"]),
    )
