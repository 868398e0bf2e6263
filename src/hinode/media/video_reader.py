"""Read a video file in parts: its frames at another size and rate, and its sound.

Memory stays small however long the video is. Callers run this in a child process: decoders of
video are large and old.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from hinode.media.clip_check import detect_container
from hinode.media.encode import SAMPLE_RATE, Samples

MAX_SIDE = 4096
# A frame this close to the requested time is not late: times are rounded in files.
_TIME_TOLERANCE = 2e-3


class UnreadableVideo(Exception):
    """The file is not a video that can be decoded."""


def read_frames(
    path: Path, *, width: int, height: int, fps: int
) -> Generator[av.VideoFrame, None, None]:
    """New yuv420p frames (BT.709, limited range) of the moments 0, 1/fps, 2/fps … to the end.

    Each fills ``width`` x ``height`` (even numbers) and is cropped around its middle. Raises
    :class:`UnreadableVideo` when no frame can be decoded; a file that breaks off later just ends.
    """
    count, fit = 0, _CoverFit(width, height)
    shown: av.VideoFrame | None = None
    for time, frame in _timed_frames(path):
        while shown is not None and count / fps < time - _TIME_TOLERANCE:
            yield fit.frame(shown)
            count += 1
        shown = frame
        if frame is None:
            return


def _timed_frames(path: Path) -> Iterator[tuple[float, av.VideoFrame | None]]:
    """Each frame and its time from the first one's; at last None and the time of the end."""
    first: float | None = None
    end = 0.0
    with _opened(path) as container:
        if not container.streams.video:
            raise UnreadableVideo("the file has no video stream")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        _check_size(stream.codec_context.width, stream.codec_context.height)
        step = float(1 / (stream.average_rate or 30))
        try:
            for frame in container.decode(stream):
                time = end if frame.time is None else frame.time
                first = time if first is None else first
                end = time - first + step
                yield time - first, frame
        except (av.FFmpegError, OSError) as error:
            if first is None:
                raise UnreadableVideo(f"the video cannot be decoded: {error}") from error
    if first is None:
        raise UnreadableVideo("the video has no frame that can be decoded")
    yield end, None


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    try:
        container = detect_container(path)
        if container is None:
            raise UnreadableVideo("the file is not an MP4, MOV, WebM or Matroska file")
        opened = av.open(str(path), format=container.value, options={"protocol_whitelist": "file"})
    except (av.FFmpegError, OSError) as error:
        raise UnreadableVideo(f"the video cannot be opened: {error}") from error
    with opened:
        yield opened


def _check_size(width: int, height: int) -> None:
    if not 0 < width <= MAX_SIDE or not 0 < height <= MAX_SIDE:
        raise UnreadableVideo(
            f"the video's sides have at most {MAX_SIDE} pixels, not {width}x{height}"
        )


class _CoverFit:
    """Scales frames so that they cover a size, turns them upright, and crops the rest."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        # One for all frames: its tables are made only once.
        self._scale = VideoReformatter()

    def frame(self, source: av.VideoFrame) -> av.VideoFrame:
        """Return a new frame: decoders still need the old one."""
        turns = round(source.rotation / 90) % 4
        across, down = (source.width, source.height)
        if turns % 2:
            across, down = down, across
        scale = max(self._width / across, self._height / down)
        wide, tall = (2 * max(1, math.ceil(side * scale / 2 - 1e-6)) for side in (across, down))
        scaled = self._scale.reformat(
            source,
            *((tall, wide) if turns % 2 else (wide, tall)),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BICUBIC,
        )
        frame = av.VideoFrame(self._width, self._height, "yuv420p")
        left, top = (wide - self._width) // 4, (tall - self._height) // 4
        for index in range(3):
            step = 1 if index else 2
            target, upright = _plane(frame, index), np.rot90(_plane(scaled, index), turns)
            rows = slice(top * step, top * step + target.shape[0])
            target[:] = upright[rows, left * step : left * step + target.shape[1]]
        return frame


def _plane(frame: av.VideoFrame, index: int) -> npt.NDArray[np.uint8]:
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


class AudioReader:
    """The sound of a video from its beginning on; silence where it has none."""

    def __init__(self, path: Path) -> None:
        self._chunks = _audio_chunks(path)
        self._buffer = np.zeros((0, 2), dtype=np.float32)
        self._at = 0

    def block(self, start: int, stop: int) -> Samples:
        """Return samples ``start`` to ``stop``, never before an earlier block: shape (count, 2)."""
        if start < self._at:
            raise ValueError("a recording plays forwards only")
        while (
            self._at + len(self._buffer) < stop and (part := next(self._chunks, None)) is not None
        ):
            self._buffer = np.concatenate((self._buffer, part))
        self._buffer = self._buffer[start - self._at :]
        self._at = start
        block = np.zeros((stop - start, 2), dtype=np.float32)
        known = self._buffer[: stop - start]
        block[: len(known)] = known
        return block


def has_audio(path: Path) -> bool:
    """Return whether the video has a sound track. Raises :class:`UnreadableVideo`."""
    with _opened(path) as container:
        return bool(container.streams.audio)


def _audio_chunks(path: Path) -> Iterator[Samples]:
    """The sound as float32 stereo at 48 kHz, in parts."""
    with _opened(path) as container:
        if not container.streams.audio:
            return
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
        begun = False
        try:
            for frame in container.decode(container.streams.audio[0]):
                if not begun and frame.time is not None and frame.time > 0:
                    yield np.zeros((round(frame.time * SAMPLE_RATE), 2), dtype=np.float32)
                begun = True
                for part in resampler.resample(frame):
                    yield np.ascontiguousarray(part.to_ndarray().T, dtype=np.float32)
        except (av.FFmpegError, OSError):
            return  # the sound before the error is kept, as with frames
