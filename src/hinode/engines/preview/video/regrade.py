"""Change an existing video: its light and colours, its weather, a caption."""

from __future__ import annotations

from pathlib import Path

import av

from hinode.engines.base import RenderSpec
from hinode.engines.preview.drawing.planes import planes_of
from hinode.engines.preview.scene.description import SceneDescription
from hinode.engines.preview.scene.post_processing import PostProcessor
from hinode.engines.preview.styles.grade import NEUTRAL, Grader, grade_for
from hinode.engines.preview.video.source_frames import SourceFrames


class RegradedVideo:
    """The frames of a source, graded by the prompt. Frames must be requested once each, in order.

    A source that is too short stays on its last frame.
    """

    def __init__(self, spec: RenderSpec, source: Path, description: SceneDescription) -> None:
        self._fps = spec.fps
        self._source_frames = SourceFrames(spec, source)
        grade = grade_for(spec.prompt)
        self._grader = Grader(grade) if grade != NEUTRAL else None
        self._processor = PostProcessor(spec, description, fade_in=False, caption_on_top=True)

    def frame(self, index: int) -> av.VideoFrame:
        """Return the next frame. Raises :class:`BadSource` when the source cannot be decoded."""
        frame = self._source_frames.next()
        planes = planes_of(frame)
        if self._grader is not None:
            self._grader.apply(planes)
        self._processor.apply(planes, index / self._fps)
        return frame
