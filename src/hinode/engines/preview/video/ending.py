"""End a video on a picture: its last frames dissolve into it."""

from __future__ import annotations

from typing import Protocol

import av
from PIL import Image

from hinode.engines.base import RenderSpec
from hinode.engines.preview.drawing.planes import from_image, mix_into, planes_of
from hinode.engines.preview.scene.watermark import Watermark

DISSOLVE_SECONDS = 1.0


class FrameSource(Protocol):
    """A video to be drawn: every frame once, in order."""

    def frame(self, index: int) -> av.VideoFrame:
        """Return frame ``index``, a new one, yuv420p."""
        ...


class EndingOnPicture:
    """Frames of another source, of which the last one is the picture.

    The dissolve lasts a second, or half of the new part if that is shorter.
    """

    def __init__(self, spec: RenderSpec, source: FrameSource, picture: Image.Image) -> None:
        self._source, self._fps = source, spec.fps
        self._picture = planes_of(from_image(picture))
        self._watermark = Watermark(spec.width, spec.height) if spec.watermark else None
        self._last = spec.frames - 1
        added = spec.frames - spec.kept_frames
        self._dissolve = max(1.0, min(DISSOLVE_SECONDS * spec.fps, added / 2))

    def frame(self, index: int) -> av.VideoFrame:
        """Return frame ``index``; each is requested once, in order."""
        frame = self._source.frame(index)
        part = 1 - (self._last - index) / self._dissolve
        if part > 0:
            planes = planes_of(frame)
            mix_into(planes, self._picture, part * part * (3 - 2 * part))
            if self._watermark is not None:
                self._watermark.draw(planes, index / self._fps)
        return frame
