"""Check videos of an upstream to their last frame before they are stored.

A decoding process reads the whole file within limits, and makes the thumbnail and the sprite sheet:
an untrusted file is never opened in the server itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hinode.media.decoding.process import decode_async
from hinode.media.decoding.protocol import DecodingDied, Rejected, Reply

DECODING_TASK = "hinode.media.decoding.videos"


@dataclass(frozen=True, slots=True)
class VideoCheckLimits:
    """Bounds: pixels along one side, seconds of video, seconds of decoding."""

    max_side: int = 4096
    max_seconds: float = 180.0
    decode_seconds: float = 180.0


@dataclass(frozen=True, slots=True)
class VideoCheckResult:
    """The result: pixels, frames decoded, frames a second, seconds; two images' sizes."""

    width: int
    height: int
    frames: int
    fps: float
    seconds: float
    has_audio: bool
    thumbnail: tuple[int, int]
    sheet: tuple[int, int]


class BadVideo(Exception):
    """The file is no usable video; the message says why."""


async def check_video(
    path: Path, *, thumbnail: Path, sheet: Path, limits: VideoCheckLimits | None = None
) -> VideoCheckResult:
    """Decode the MP4 at ``path`` to its end; write a WebP thumbnail and a JPEG sprite sheet.

    Raises :class:`BadVideo`. Cancelling stops the decoding at once.
    """
    limits = limits or VideoCheckLimits()
    request = {
        "path": str(path),
        "seconds": limits.decode_seconds,
        "thumbnail": str(thumbnail),
        "sheet": str(sheet),
        "max_side": limits.max_side,
        "max_seconds": limits.max_seconds,
    }
    try:
        return _result(await decode_async(DECODING_TASK, request))
    except Rejected as error:
        raise BadVideo(str(error)) from error
    except DecodingDied as error:
        raise BadVideo(
            "The video takes too long to decode."
            if error.late
            else "The file is not a video that can be decoded."
        ) from error


def _result(found: Reply) -> VideoCheckResult:
    return VideoCheckResult(
        width=found["width"],
        height=found["height"],
        frames=found["frames"],
        fps=found["fps"],
        seconds=found["seconds"],
        has_audio=found["has_audio"],
        thumbnail=(found["thumbnail"][0], found["thumbnail"][1]),
        sheet=(found["sheet"][0], found["sheet"][1]),
    )
