"""Show the frames of a source one by one, and stay on the last one when it is too short."""

from __future__ import annotations

from pathlib import Path

import av

from hinode.engines.base import RenderSpec
from hinode.engines.preview.drawing.planes import copy_frame
from hinode.engines.preview.inputs import BadSource, map_read_errors
from hinode.media.video_reader import read_frames


class SourceFrames:
    """Plays a source at the size and rate of a spec."""

    def __init__(self, spec: RenderSpec, source: Path) -> None:
        self._frames = read_frames(source, width=spec.width, height=spec.height, fps=spec.fps)
        self._last: av.VideoFrame | None = None

    @property
    def last(self) -> av.VideoFrame:
        """The frame shown last, which must not be changed."""
        if self._last is None:
            raise BadSource("the video to start from has no frame")
        return self._last

    def next(self) -> av.VideoFrame:
        """Return a new frame, that may be drawn on. Raises :class:`BadSource`."""
        with map_read_errors():
            self._last = next(self._frames, self._last)
        return copy_frame(self.last)

    def close(self) -> None:
        """Close the source; the last frame stays."""
        self._frames.close()
