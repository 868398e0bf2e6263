"""The child that decodes an upstream's video: `python -m hinode.media.intake_child`.

Reads a wish as JSON from stdin, writes the facts or a refusal as JSON to stdout.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from hinode.media.clips import Container, container_of
from hinode.media.picture import save_jpeg, save_thumbnail
from hinode.media.spritesheet import make_sheet, tile_size

_MEMORY_BYTES = 3 * 2**30
_NICE = 10
_FASTEST = 240.0
_STILL = 0.4
_MISSING_SHARE = 0.05


class Refused(Exception):
    """The video cannot be used; the text names the rule."""


def main() -> None:
    """Take one video in."""
    wish = json.load(sys.stdin)
    # Nobody waits for a result as for an answer of the server, which shares the cores.
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (wish["cpu_seconds"], wish["cpu_seconds"]))
    try:
        answer = _take_in(wish)
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    except (av.FFmpegError, OSError, ValueError, MemoryError):
        answer = {"refused": "The file is not a video that can be decoded."}
    json.dump(answer, sys.stdout)


def _take_in(wish: dict[str, Any]) -> dict[str, Any]:
    path = Path(wish["path"])
    if container_of(path) is not Container.MP4:
        raise Refused("The file is not an MP4.")
    options = {"protocol_whitelist": "file"}
    with av.open(str(path), format="mp4", options=options) as container:
        stream = _video_of(container)
        fps, seconds = _checked(stream, wish)
        reel = _Reel(fps, int(seconds * fps * _STILL))
        for frame in container.decode(stream):
            reel.add(frame)
        reel.check(stream.frames)
        return {
            "width": reel.width,
            "height": reel.height,
            "frames": reel.frames,
            "fps": fps,
            "seconds": seconds,
            "has_audio": bool(container.streams.audio),
            "thumbnail": save_thumbnail(reel.still, Path(wish["thumbnail"])),
            "sheet": _save_sheet(reel.tiles, Path(wish["sheet"])),
        }


def _video_of(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise Refused("The file has no video stream.")
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    return stream


def _checked(stream: VideoStream, wish: dict[str, Any]) -> tuple[float, float]:
    """Return frames a second and seconds, within their bounds."""
    width, height = stream.codec_context.width, stream.codec_context.height
    if not 0 < max(width, height) <= wish["max_side"]:
        raise Refused(f"Its sides have at most {wish['max_side']} pixels, not {width}x{height}.")
    fps = float(stream.average_rate or 0)
    if not 0 < fps <= _FASTEST or not stream.duration or stream.time_base is None:
        raise Refused("The file does not say how long it is.")
    seconds = float(stream.duration * stream.time_base)
    if not 0 < seconds <= wish["max_seconds"]:
        raise Refused(f"It lasts at most {wish['max_seconds']:g} seconds, not {seconds:.1f}.")
    return fps, seconds


class _Reel:
    """Counts the frames, and keeps one a second as a tile and one as the still picture."""

    def __init__(self, fps: float, still_at: int) -> None:
        self.frames = self.width = self.height = 0
        self.tiles: list[Image.Image] = []
        self._fps = fps
        self._still_at = still_at
        self._still: Image.Image | None = None

    def add(self, frame: VideoFrame) -> None:
        if not self.frames:
            self.width, self.height = frame.width, frame.height
        if self.frames >= len(self.tiles) * self._fps:
            size = tile_size(self.width, self.height)
            small = frame.reformat(*size, format="rgb24")
            self.tiles.append(Image.fromarray(small.to_ndarray()))
        if self._still is None or self.frames == self._still_at:
            self._still = Image.fromarray(frame.to_ndarray(format="rgb24"))
        self.frames += 1

    def check(self, promised: int) -> None:
        """Refuse a file that breaks off before the frames that its index promises."""
        if not self.frames:
            raise Refused("The file has no picture that can be decoded.")
        if promised - self.frames > 1 + promised * _MISSING_SHARE:
            raise Refused(f"It breaks off after {self.frames} of {promised} frames.")

    @property
    def still(self) -> Image.Image:
        if self._still is None:
            raise Refused("The file has no picture that can be decoded.")
        return self._still


def _save_sheet(tiles: list[Image.Image], path: Path) -> tuple[int, int]:
    sheet = make_sheet(tiles)
    save_jpeg(sheet, path)
    return sheet.size


if __name__ == "__main__":
    main()
