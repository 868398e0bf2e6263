"""Choose how a video comes about: a scene, a storyboard, another video changed or gone on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import av

from hinode.engines.base import JobAction, RenderSpec
from hinode.engines.preview.direction import Direction, direct
from hinode.engines.preview.encoding import Track
from hinode.engines.preview.extension import Extension
from hinode.engines.preview.kinship import recognised
from hinode.engines.preview.regrade import Regraded
from hinode.engines.preview.scene import Scene
from hinode.engines.preview.sound import SoundTrack
from hinode.engines.preview.soundtracks import Continuation, Kept, Montage, Passage
from hinode.engines.preview.sources import open_first_frame, unplayable_is_bad
from hinode.engines.preview.storyboard import Storyboard
from hinode.media.encode import SAMPLE_RATE
from hinode.media.playback import Recording, has_sound, play


class Film(Protocol):
    """A video to be drawn: every frame once, in order."""

    def frame(self, index: int) -> av.VideoFrame:
        """Frame ``index``, yuv420p."""
        ...


@dataclass(frozen=True, slots=True)
class Production:
    """How the frames and the sound of one output are made, each on a thread of its own."""

    film: Callable[[], Film]
    track: Callable[[], Track]


def produce(spec: RenderSpec, seed: int) -> Production:
    """Plan one output of ``spec``; nothing is drawn yet. Raises :class:`BadSource`."""
    if spec.action is JobAction.EXTENSION and spec.source is not None:
        return _extension(spec, spec.source, seed)
    if spec.source is not None and not _can_draw_parent(spec, spec.source, seed):
        return _regraded(spec, spec.source, seed)
    if spec.shots:
        return _storyboard(spec, seed)
    return _scene(spec, seed)


def _scene(spec: RenderSpec, seed: int) -> Production:
    direction = _directed(spec, seed)
    picture = (
        open_first_frame(spec.first_frame, spec.width, spec.height) if spec.first_frame else None
    )
    return Production(
        lambda: Scene(spec, direction, picture), lambda: SoundTrack(direction, samples_of(spec))
    )


def _directed(spec: RenderSpec, seed: int) -> Direction:
    direction = direct(spec.prompt, seed, spec.lineage)
    if spec.action is JobAction.EDIT and spec.lineage:
        # An edit keeps the motion, whatever it says of the camera.
        return replace(direction, move=_parent(spec, seed).move)
    return direction


def _parent(spec: RenderSpec, seed: int) -> Direction:
    return direct(spec.lineage[-1], seed, spec.lineage[:-1])


def _storyboard(spec: RenderSpec, seed: int) -> Production:
    board = Storyboard(spec, seed)
    return Production(lambda: board, lambda: Montage(_passages(board, spec.fps)))


def _passages(board: Storyboard, fps: int) -> list[Passage]:
    return [
        Passage(part.direction, _sample(part.start, fps), _sample(part.stop, fps))
        for part in board.parts
    ]


def _can_draw_parent(spec: RenderSpec, source: Path, seed: int) -> bool:
    """Whether the source shows the scene of its prompts.

    It does not when it began on a picture, was a storyboard, or was uploaded: then its own
    frames are worked on.
    """
    if not spec.lineage:
        return False
    with unplayable_is_bad():
        first = next(play(source, width=spec.width, height=spec.height, fps=spec.fps))
    scene = Scene(replace(spec, prompt=spec.lineage[-1]), _parent(spec, seed), None)
    return recognised(first, scene, 0) is not None


def _regraded(spec: RenderSpec, source: Path, seed: int) -> Production:
    direction = direct(spec.prompt, seed)
    with unplayable_is_bad():
        sounds = has_sound(source)

    def track() -> Track:
        if sounds:
            return Kept(Recording(source))
        return SoundTrack(direction, samples_of(spec))

    return Production(lambda: Regraded(spec, source, direction), track)


def _extension(spec: RenderSpec, source: Path, seed: int) -> Production:
    with unplayable_is_bad():
        has_sound(source)
    direction = direct(spec.prompt, seed, spec.lineage)
    kept = _sample(spec.kept_frames, spec.fps)
    return Production(
        lambda: Extension(spec, source, seed),
        lambda: Continuation(Recording(source), direction, kept, samples_of(spec)),
    )


def samples_of(spec: RenderSpec) -> int:
    """How many samples one output has."""
    return _sample(spec.frames, spec.fps)


def _sample(frame: int, fps: int) -> int:
    return frame * SAMPLE_RATE // fps
