"""Videos that another server rendered: checked to their last frame before they are ours.

A child process decodes the whole file within bounds, and makes the thumbnail and the sprite sheet
on the way: what strangers encoded is never opened in the server itself.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

CHILD = "hinode.media.intake_child"


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """Bounds: pixels along one side, seconds of video, seconds of decoding."""

    max_side: int = 4096
    max_seconds: float = 180.0
    decode_s: float = 180.0


@dataclass(frozen=True, slots=True)
class Intake:
    """What was found: pixels, frames decoded, frames a second, seconds; two pictures' sizes."""

    width: int
    height: int
    frames: int
    fps: float
    seconds: float
    has_audio: bool
    thumbnail: tuple[int, int]
    sheet: tuple[int, int]


class NotTakenIn(Exception):
    """The file is no video that can be used; the text says why."""


async def take_in(
    path: Path, *, thumbnail: Path, sheet: Path, limits: IntakeLimits | None = None
) -> Intake:
    """Decode the MP4 at ``path`` to its end; write a WebP thumbnail and a JPEG sprite sheet.

    Raises :class:`NotTakenIn`. Cancelling stops the child at once.
    """
    limits = limits or IntakeLimits()
    wish = {
        "path": str(path),
        "thumbnail": str(thumbnail),
        "sheet": str(sheet),
        "max_side": limits.max_side,
        "max_seconds": limits.max_seconds,
        "cpu_seconds": int(limits.decode_s),
    }
    return _read(await _ask_child(json.dumps(wish).encode(), limits.decode_s))


async def _ask_child(wish: bytes, seconds: float) -> bytes:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        CHILD,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(seconds):
            answer, _ = await child.communicate(wish)
            return answer
    except TimeoutError as error:
        raise NotTakenIn("The video takes too long to decode.") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


def _read(answer: bytes) -> Intake:
    try:
        found = json.loads(answer)
    except ValueError as error:
        # The child died: of its own bounds, or of what it was given.
        raise NotTakenIn("The file is not a video that can be decoded.") from error
    if "refused" in found:
        raise NotTakenIn(found["refused"])
    return Intake(
        width=found["width"],
        height=found["height"],
        frames=found["frames"],
        fps=found["fps"],
        seconds=found["seconds"],
        has_audio=found["has_audio"],
        thumbnail=(found["thumbnail"][0], found["thumbnail"][1]),
        sheet=(found["sheet"][0], found["sheet"][1]),
    )
