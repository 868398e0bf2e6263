"""Extend another video: its frames first, then the same scene or its last frame."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import av
import numpy as np

from hinode.engines.base import RenderSpec
from hinode.engines.preview.drawing.planes import mix_into, planes_of, to_image
from hinode.engines.preview.scene.animated_image import AnimatedImage
from hinode.engines.preview.scene.camera import CameraPath, CameraSegment
from hinode.engines.preview.scene.description import describe_scene, find_camera_move
from hinode.engines.preview.scene.scene import Background, Scene
from hinode.engines.preview.scene.watermark import Watermark
from hinode.engines.preview.styles.grade import grade_for
from hinode.engines.preview.video.scene_match import match_scene
from hinode.engines.preview.video.segments import read_segments
from hinode.engines.preview.video.source_frames import SourceFrames

# The changes of a further prompt fade in over this many seconds.
DISSOLVE_SECONDS = 1.0


class ExtendedVideo:
    """Frames must be requested once each, in order."""

    def __init__(self, spec: RenderSpec, source: Path, seed: int) -> None:
        self._spec, self._source, self._seed = spec, source, seed
        self._source_frames = SourceFrames(spec, source)
        self._watermark = Watermark(spec.width, spec.height) if spec.watermark else None
        self._new_segment: NewSegment | None = None

    def frame(self, index: int) -> av.VideoFrame:
        """Return the next frame. Raises :class:`BadSource` when the source cannot be decoded."""
        if index < self._spec.kept_frames:
            return self._kept_frame(index)
        if self._new_segment is None:
            self._source_frames.close()
            last = self._source_frames.last
            self._new_segment = new_segment(self._spec, self._source, self._seed, last)
        return self._new_segment.frame(index)

    def _kept_frame(self, index: int) -> av.VideoFrame:
        frame = self._source_frames.next()
        if self._watermark is not None:
            self._watermark.draw(planes_of(frame), index / self._spec.fps)
        return frame


class NewSegment:
    """The new part: the old scene dissolves into that of the further prompt."""

    def __init__(
        self, spec: RenderSpec, before: Scene | _AnimatedLastFrame, after: Scene, start_frame: int
    ) -> None:
        """``start_frame`` is the frame of the video that is the first one of ``after``."""
        self._spec, self._before, self._after = spec, before, after
        self._start_frame = start_frame

    def frame(self, index: int) -> av.VideoFrame:
        """Return frame ``index`` of the whole video."""
        frame = self._after.frame(index - self._start_frame)
        gone = (index - self._spec.kept_frames) / self._spec.fps
        fade = min(
            DISSOLVE_SECONDS, (self._spec.frames - self._spec.kept_frames) / self._spec.fps * 0.5
        )
        if gone < fade:
            part = gone / fade
            before = self._before.frame(index)
            mix_into(planes_of(frame), planes_of(before), 1 - part * part * (3 - 2 * part))
        return frame


class _AnimatedLastFrame:
    """The last frame, over which the camera moves on."""

    def __init__(self, background: Background, start_frame: int, fps: int) -> None:
        self._background, self._start_frame, self._fps = background, start_frame, fps

    def frame(self, index: int) -> av.VideoFrame:
        return self._background.frame((index - self._start_frame) / self._fps)


def new_segment(spec: RenderSpec, source: Path, seed: int, last: av.VideoFrame) -> NewSegment:
    """Continue the scene of the prompt history where ``last`` shows it, else ``last`` itself."""
    kept = spec.kept_frames
    picture = to_image(last)
    if spec.prompt_history:
        before, after = _scenes_before_and_after(spec, source, seed)
        known = match_scene(last, before, kept - 1)
        if known is not None:
            return NewSegment(spec, known, after, 0)
    description = describe_scene(spec.prompt, seed)
    rest = replace(spec, frames=max(1, spec.frames - kept))
    scene = Scene(
        rest, description, picture, start=kept, grade=grade_for(spec.prompt), caption_on_top=True
    )
    return NewSegment(spec, _AnimatedLastFrame(AnimatedImage(picture, description.move,
    rest.seconds), kept, spec.fps),
                  scene, kept)  # fmt: skip


def _scenes_before_and_after(spec: RenderSpec, source: Path, seed: int) -> tuple[Scene, Scene]:
    """Return the old scene and that of the further prompt; both go on without an end."""
    old_path = _source_camera_path(spec, read_segments(source, spec.kept_frames))
    move = find_camera_move(spec.prompt)
    new_path = old_path
    if move is not None:
        left = (spec.frames - spec.kept_frames) / spec.fps
        new_path = CameraPath(
            (*old_path.segments, CameraSegment(spec.kept_frames / spec.fps, move, left))
        )
    parent = describe_scene(spec.prompt_history[-1], seed, spec.prompt_history[:-1])
    old = replace(spec, prompt=spec.prompt_history[-1], prompt_history=spec.prompt_history[:-1])
    return (
        Scene(old, parent, None, path=old_path),
        Scene(spec, describe_scene(spec.prompt, seed, spec.prompt_history), None, path=new_path),
    )


def _source_camera_path(spec: RenderSpec, source_segments: tuple[int, ...]) -> CameraPath:
    """Return the camera's path through the source's parts: each prompt may name a move."""
    seed, begun = spec.seed, max(1, len(spec.prompt_history) - len(source_segments) + 1)
    first = describe_scene(spec.prompt_history[begun - 1], seed, spec.prompt_history[: begun - 1])
    segments = [CameraSegment(0.0, first.move, source_segments[0] / spec.fps)]
    starts = np.cumsum(source_segments)
    for prompt, start, frames in zip(
        spec.prompt_history[begun:],
        itertools.islice(starts, len(source_segments) - 1),
        source_segments[1:],
        strict=False,
    ):
        if move := find_camera_move(prompt):
            segments.append(CameraSegment(float(start) / spec.fps, move, frames / spec.fps))
    return CameraPath(tuple(segments))
