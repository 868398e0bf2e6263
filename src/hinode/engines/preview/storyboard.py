"""A storyboard: scenes after each other, each with its own direction, cut at exact frames."""

from __future__ import annotations

from dataclasses import dataclass, replace

import av

from hinode.engines.base import RenderSpec
from hinode.engines.preview.direction import Direction, direct
from hinode.engines.preview.scene import Scene
from hinode.engines.preview.sources import open_first_frame


@dataclass(frozen=True, slots=True)
class Part:
    """One scene: its frames ``start`` up to ``stop`` of the whole video."""

    spec: RenderSpec
    direction: Direction
    start: int
    stop: int


class Storyboard:
    """Draws each scene in turn; only one is set up at a time."""

    def __init__(self, spec: RenderSpec, seed: int) -> None:
        self.parts = _parts(spec, seed)
        self._current: tuple[Part, Scene] | None = None

    def frame(self, index: int) -> av.VideoFrame:
        """Frame ``index`` of the whole video."""
        part = next((part for part in self.parts if index < part.stop), self.parts[-1])
        if self._current is None or self._current[0] is not part:
            self._current = (part, _scene(part))
        return self._current[1].frame(index - part.start)


def _parts(spec: RenderSpec, seed: int) -> list[Part]:
    parts, start = [], 0
    for shot in spec.shots:
        first = spec.first_frame if start == 0 else None
        own = replace(spec, prompt=shot.prompt, frames=shot.frames, shots=(), first_frame=first)
        parts.append(Part(own, direct(shot.prompt, seed), start, start + shot.frames))
        start += shot.frames
    return parts


def _scene(part: Part) -> Scene:
    spec, path = part.spec, part.spec.first_frame
    picture = open_first_frame(path, spec.width, spec.height) if path else None
    return Scene(spec, part.direction, picture, start=part.start)
