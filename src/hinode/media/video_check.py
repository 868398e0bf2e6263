"""Check videos of an upstream to their last frame before they are stored.

A child process decodes the whole file within limits, and makes the thumbnail and the sprite sheet:
an untrusted file is never opened in the server itself.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

CHILD_MODULE = "hinode.media.video_check_child"


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

    Raises :class:`BadVideo`. Cancelling stops the child at once.
    """
    limits = limits or VideoCheckLimits()
    request = {
        "path": str(path),
        "thumbnail": str(thumbnail),
        "sheet": str(sheet),
        "max_side": limits.max_side,
        "max_seconds": limits.max_seconds,
        "cpu_seconds": int(limits.decode_seconds),
    }
    return _read(await _run_child(json.dumps(request).encode(), limits.decode_seconds))


async def _run_child(request: bytes, seconds: float) -> bytes:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        CHILD_MODULE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(seconds):
            reply, _ = await child.communicate(request)
            return reply
    except TimeoutError as error:
        raise BadVideo("The video takes too long to decode.") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


def _read(reply: bytes) -> VideoCheckResult:
    try:
        found = json.loads(reply)
    except ValueError as error:
        # The child died: of its limits, or of the file.
        raise BadVideo("The file is not a video that can be decoded.") from error
    if "rejected" in found:
        raise BadVideo(found["rejected"])
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
