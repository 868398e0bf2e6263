"""Encode on a second thread: frames come in order, each with its part of the sound."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Protocol

import av

from hinode.media.encode import SAMPLE_RATE, Samples

# Frames that may wait for the encoder: enough to smooth, few enough to bound memory.
MAX_QUEUED_FRAMES = 8


class AudioTrack(Protocol):
    """A sound track, given out in blocks."""

    def block(self, start: int, stop: int) -> Samples:
        """Return samples ``start`` up to ``stop``: float32 in -1..1, shape (stop - start, 2)."""
        ...


class MediaWriter(Protocol):
    """A writer of frames and sound."""

    def write_video(self, frame: av.VideoFrame) -> None:
        """Write the next frame."""
        ...

    def write_audio(self, samples: Samples) -> None:
        """Write the next samples: float32 in -1..1, shape (count, 2)."""
        ...


class EncoderThread:
    """The encoding thread of one file. ``make_track`` makes the sound track, on that thread.

    Without it the file has no sound.
    """

    def __init__(
        self, writer: MediaWriter, make_track: Callable[[], AudioTrack] | None, fps: int
    ) -> None:
        self._writer, self._make_track, self._fps = writer, make_track, fps
        self._frames: queue.Queue[av.VideoFrame | None] = queue.Queue(MAX_QUEUED_FRAMES)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="encode", daemon=True)

    def put(self, frame: av.VideoFrame) -> None:
        """Queue the next frame; wait while the encoder is behind. Raises its error."""
        if self._error is not None:
            raise self._error
        self._frames.put(frame)

    def __enter__(self) -> EncoderThread:
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._frames.put(None)
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error

    def _run(self) -> None:
        try:
            self._encode()
        except BaseException as error:
            # The drawing thread raises it; frames are still taken, so that it never blocks in put.
            self._error = error
            while self._frames.get() is not None:
                pass

    def _encode(self) -> None:
        track = self._make_track() if self._make_track else None
        start, index = 0, 0
        while (frame := self._frames.get()) is not None:
            index += 1
            stop = index * SAMPLE_RATE // self._fps
            self._writer.write_video(frame)
            if track is not None:
                self._writer.write_audio(track.block(start, stop))
            start = stop
