"""Change a video that is already there: its light and colours, its weather, a caption."""

from __future__ import annotations

from pathlib import Path

import av

from hinode.engines.base import RenderSpec
from hinode.engines.preview.direction import Direction
from hinode.engines.preview.finish import Finish
from hinode.engines.preview.grade import NEUTRAL, Grader, grade_for
from hinode.engines.preview.planes import planes_of
from hinode.engines.preview.projector import Projector


class Regraded:
    """The frames of a source, graded by the prompt. Frames are asked for once each, in order.

    A source that is too short stays on its last frame.
    """

    def __init__(self, spec: RenderSpec, source: Path, direction: Direction) -> None:
        self._fps = spec.fps
        self._projector = Projector(spec, source)
        grade = grade_for(spec.prompt)
        self._grader = Grader(grade) if grade != NEUTRAL else None
        self._finish = Finish(spec, direction, slowly=False, caption_on_top=True)

    def frame(self, index: int) -> av.VideoFrame:
        """The next frame. Raises :class:`BadSource` when the source cannot be decoded."""
        frame = self._projector.next()
        planes = planes_of(frame)
        if self._grader is not None:
            self._grader.apply(planes)
        self._finish.apply(planes, index / self._fps)
        return frame
