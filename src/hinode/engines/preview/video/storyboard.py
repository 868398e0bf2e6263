"""A storyboard: scenes after each other, each with its own description, cut at exact frames."""

from __future__ import annotations

from dataclasses import dataclass, replace

import av

from hinode.engines.base import RenderSpec
from hinode.engines.preview.inputs import open_first_frame
from hinode.engines.preview.scene.description import SceneDescription, describe_scene
from hinode.engines.preview.scene.scene import Scene


@dataclass(frozen=True, slots=True)
class StoryboardShot:
    """One scene: its frames ``start`` up to ``stop`` of the whole video."""

    spec: RenderSpec
    description: SceneDescription
    start: int
    stop: int


class Storyboard:
    """Draws each scene in turn; only one is set up at a time."""

    def __init__(self, spec: RenderSpec, seed: int) -> None:
        self.shots = _shots(spec, seed)
        self._current: tuple[StoryboardShot, Scene] | None = None

    def frame(self, index: int) -> av.VideoFrame:
        """Return frame ``index`` of the whole video."""
        part = next((part for part in self.shots if index < part.stop), self.shots[-1])
        if self._current is None or self._current[0] is not part:
            self._current = (part, _scene(part))
        return self._current[1].frame(index - part.start)


def _shots(spec: RenderSpec, seed: int) -> list[StoryboardShot]:
    shots, start = [], 0
    for shot in spec.shots:
        first = spec.first_frame if start == 0 else None
        own = replace(spec, prompt=shot.prompt, frames=shot.frames, shots=(), first_frame=first)
        shots.append(
            StoryboardShot(own, describe_scene(shot.prompt, seed), start, start + shot.frames)
        )
        start += shot.frames
    return shots


def _scene(part: StoryboardShot) -> Scene:
    spec, path = part.spec, part.spec.first_frame
    picture = open_first_frame(path, spec.width, spec.height) if path else None
    return Scene(spec, part.description, picture, start=part.start)
