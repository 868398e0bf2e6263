"""In a decoding process: decodes an upstream's video to its end."""

from __future__ import annotations

from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from hinode.media.clip_check import VideoContainer, detect_container
from hinode.media.decoding.protocol import Rejected, Reply, Request
from hinode.media.image_files import save_jpeg, save_thumbnail
from hinode.media.spritesheet import make_sheet, tile_size

MEMORY_BYTES = 3 * 2**30
_MAX_FPS = 240.0
_THUMBNAIL_POSITION = 0.4
_MAX_MISSING_SHARE = 0.05


def run(request: Request) -> Reply:
    """Check one video. Raises :class:`Rejected` and the errors of the decoder."""
    path = Path(request["path"])
    if detect_container(path) is not VideoContainer.MP4:
        raise Rejected("The file is not an MP4.")
    options = {"protocol_whitelist": "file"}
    with av.open(str(path), format="mp4", options=options) as container:
        stream = _video_stream(container)
        fps, seconds = _check_bounds(stream, request)
        collector = _FrameCollector(fps, int(seconds * fps * _THUMBNAIL_POSITION))
        for frame in container.decode(stream):
            collector.add(frame)
        collector.check(stream.frames)
        return {
            "width": collector.width,
            "height": collector.height,
            "frames": collector.frames,
            "fps": fps,
            "seconds": seconds,
            "has_audio": bool(container.streams.audio),
            "thumbnail": save_thumbnail(collector.still, Path(request["thumbnail"])),
            "sheet": _save_sheet(collector.tiles, Path(request["sheet"])),
        }


def _video_stream(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise Rejected("The file has no video stream.")
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    return stream


def _check_bounds(stream: VideoStream, request: Request) -> tuple[float, float]:
    """Return frames per second and seconds, within their limits."""
    width, height = stream.codec_context.width, stream.codec_context.height
    if not 0 < max(width, height) <= request["max_side"]:
        raise Rejected(
            f"Its sides have at most {request['max_side']} pixels, not {width}x{height}."
        )
    fps = float(stream.average_rate or 0)
    if not 0 < fps <= _MAX_FPS or not stream.duration or stream.time_base is None:
        raise Rejected("The file does not say how long it is.")
    seconds = float(stream.duration * stream.time_base)
    if not 0 < seconds <= request["max_seconds"]:
        raise Rejected(f"It lasts at most {request['max_seconds']:g} seconds, not {seconds:.1f}.")
    return fps, seconds


class _FrameCollector:
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

    def check(self, expected: int) -> None:
        """Reject a file that has fewer frames than its index says."""
        if not self.frames:
            raise Rejected("The file has no picture that can be decoded.")
        if expected - self.frames > 1 + expected * _MAX_MISSING_SHARE:
            raise Rejected(f"It breaks off after {self.frames} of {expected} frames.")

    @property
    def still(self) -> Image.Image:
        if self._still is None:
            raise Rejected("The file has no picture that can be decoded.")
        return self._still


def _save_sheet(tiles: list[Image.Image], path: Path) -> tuple[int, int]:
    sheet = make_sheet(tiles)
    save_jpeg(sheet, path)
    return sheet.size
