"""Go on from where another video ends: its frames first, then the same scene or its last frame."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path as FilePath

import av
import numpy as np

from hinode.engines.base import RenderSpec
from hinode.engines.preview.camera import Leg, Path
from hinode.engines.preview.direction import direct, named_move
from hinode.engines.preview.grade import grade_for
from hinode.engines.preview.kinship import recognised
from hinode.engines.preview.mark import Mark
from hinode.engines.preview.parts import parts_of
from hinode.engines.preview.photo import Photo
from hinode.engines.preview.planes import mix_into, planes_of, to_picture
from hinode.engines.preview.projector import Projector
from hinode.engines.preview.scene import Ground, Scene

# What a further prompt asks for comes in over this many seconds.
DISSOLVE = 1.0


class Extension:
    """Frames are asked for once each, in order."""

    def __init__(self, spec: RenderSpec, source: FilePath, seed: int) -> None:
        self._spec, self._source, self._seed = spec, source, seed
        self._projector = Projector(spec, source)
        self._mark = Mark(spec.width, spec.height) if spec.watermark else None
        self._sequel: Sequel | None = None

    def frame(self, index: int) -> av.VideoFrame:
        """The next frame. Raises :class:`BadSource` when the source cannot be decoded."""
        if index < self._spec.kept_frames:
            return self._kept_frame(index)
        if self._sequel is None:
            self._projector.close()
            last = self._projector.last
            self._sequel = sequel_of(self._spec, self._source, self._seed, last)
        return self._sequel.frame(index)

    def _kept_frame(self, index: int) -> av.VideoFrame:
        frame = self._projector.next()
        if self._mark is not None:
            self._mark.draw(planes_of(frame), index / self._spec.fps)
        return frame


class Sequel:
    """The new part: what was seen before dissolves into what the further prompt asks for."""

    def __init__(self, spec: RenderSpec, before: Scene | _Still, after: Scene, begins: int) -> None:
        """``begins`` is the frame of the video that is the first one of ``after``."""
        self._spec, self._before, self._after = spec, before, after
        self._begins = begins

    def frame(self, index: int) -> av.VideoFrame:
        """Frame ``index`` of the whole video."""
        frame = self._after.frame(index - self._begins)
        gone = (index - self._spec.kept_frames) / self._spec.fps
        fade = min(DISSOLVE, (self._spec.frames - self._spec.kept_frames) / self._spec.fps * 0.5)
        if gone < fade:
            part = gone / fade
            before = self._before.frame(index)
            mix_into(planes_of(frame), planes_of(before), 1 - part * part * (3 - 2 * part))
        return frame


class _Still:
    """The last frame, over which the camera moves on."""

    def __init__(self, ground: Ground, begins: int, fps: int) -> None:
        self._ground, self._begins, self._fps = ground, begins, fps

    def frame(self, index: int) -> av.VideoFrame:
        return self._ground.frame((index - self._begins) / self._fps)


def sequel_of(spec: RenderSpec, source: FilePath, seed: int, last: av.VideoFrame) -> Sequel:
    """Go on with the scene of the lineage where ``last`` shows it, else with ``last`` itself."""
    kept = spec.kept_frames
    picture = to_picture(last)
    if spec.lineage:
        before, after = _scenes(spec, source, seed)
        known = recognised(last, before, kept - 1)
        if known is not None:
            return Sequel(spec, known, after, 0)
    direction = direct(spec.prompt, seed)
    rest = replace(spec, frames=max(1, spec.frames - kept))
    scene = Scene(
        rest, direction, picture, start=kept, grade=grade_for(spec.prompt), caption_on_top=True
    )
    return Sequel(spec, _Still(Photo(picture, direction.move, rest.seconds), kept, spec.fps),
                  scene, kept)  # fmt: skip


def _scenes(spec: RenderSpec, source: FilePath, seed: int) -> tuple[Scene, Scene]:
    """The scene as it was, and as the further prompt changes it; both go on without an end."""
    old_path = _path(spec, parts_of(source, spec.kept_frames))
    move = named_move(spec.prompt)
    new_path = old_path
    if move is not None:
        left = (spec.frames - spec.kept_frames) / spec.fps
        new_path = Path((*old_path.legs, Leg(spec.kept_frames / spec.fps, move, left)))
    parent = direct(spec.lineage[-1], seed, spec.lineage[:-1])
    old = replace(spec, prompt=spec.lineage[-1], lineage=spec.lineage[:-1])
    return (
        Scene(old, parent, None, path=old_path),
        Scene(spec, direct(spec.prompt, seed, spec.lineage), None, path=new_path),
    )


def _path(spec: RenderSpec, parts: tuple[int, ...]) -> Path:
    """The camera's path through the parts of the source: each prompt may have named a move."""
    seed, begun = spec.seed, max(1, len(spec.lineage) - len(parts) + 1)
    first = direct(spec.lineage[begun - 1], seed, spec.lineage[: begun - 1])
    legs = [Leg(0.0, first.move, parts[0] / spec.fps)]
    starts = np.cumsum(parts)
    for prompt, start, frames in zip(
        spec.lineage[begun:], itertools.islice(starts, len(parts) - 1), parts[1:], strict=False
    ):
        if move := named_move(prompt):
            legs.append(Leg(float(start) / spec.fps, move, frames / spec.fps))
    return Path(tuple(legs))
