"""Sound tracks of more than one part: scenes after each other, and a video that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hinode.engines.preview.direction import Direction
from hinode.engines.preview.sound import Ambience, edges, fade_length
from hinode.media.encode import SAMPLE_RATE, Samples
from hinode.media.playback import Recording

# How long one scene's sound is heard together with the next one's.
CROSS = SAMPLE_RATE // 4
# A recording that is left ends within this: a sudden end would click.
LEAVE = SAMPLE_RATE // 30


@dataclass(frozen=True, slots=True)
class Passage:
    """The samples of one scene."""

    direction: Direction
    start: int
    stop: int


class Montage:
    """The sounds of scenes after each other, each faded into the next one around the cut."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = list(passages)
        self._total = passages[-1].stop
        self._sounds: dict[int, Ambience] = {}

    def block(self, start: int, stop: int) -> Samples:
        """Samples ``start`` up to ``stop``: float32 in -1..1, shape (stop - start, 2)."""
        sound = np.zeros((stop - start, 2), dtype=np.float32)
        for number, passage in enumerate(self._passages):
            if passage.start - CROSS < stop and start < passage.stop + CROSS:
                part = self._sound(number).block(start, stop)
                sound += part * self._level(number, start, stop)
            else:
                self._sounds.pop(number, None)
        sound *= edges(start, stop, self._total)
        return sound

    def _sound(self, number: int) -> Ambience:
        if number not in self._sounds:
            passage = self._passages[number]
            self._sounds[number] = Ambience(passage.direction, passage.stop - passage.start + CROSS)
        return self._sounds[number]

    def _level(self, number: int, start: int, stop: int) -> Samples:
        """Equal power on both sides of a cut; the first and last scene have one cut only."""
        index, passage = np.arange(start, stop), self._passages[number]
        rise = (index - passage.start) / CROSS + 0.5
        fall = (passage.stop - index) / CROSS + 0.5
        if number == 0:
            rise = np.ones_like(rise)
        if number == len(self._passages) - 1:
            fall = np.ones_like(fall)
        level = np.sin(np.minimum(rise, fall).clip(0, 1) * (np.pi / 2))
        return np.asarray(level, dtype=np.float32)[:, None]


class Continuation:
    """The sound of a kept recording, then ours: it rises as the recording's own end fades."""

    def __init__(self, recording: Recording, direction: Direction, kept: int, total: int) -> None:
        self._recording, self._kept, self._total = recording, kept, total
        # As long as the parent's own loop, so that an extension goes on in its rhythm.
        self._ours = Ambience(direction, kept)
        self._fade = fade_length(kept)

    def block(self, start: int, stop: int) -> Samples:
        """Samples ``start`` up to ``stop``: float32 in -1..1, shape (stop - start, 2)."""
        index = np.arange(start, stop)
        # What our tracks lose while they fade out: the sum of both stays as loud as it was.
        left = ((self._kept - 1 - index) / self._fade).clip(0, 1)
        rise = np.asarray(np.cos(left * (np.pi / 2)) ** 2, dtype=np.float32)[:, None]
        end = np.minimum(1, edges(start, stop, self._total) + (index < self._kept)[:, None])
        sound = self._ours.block(start, stop) * rise * end.astype(np.float32)
        if start < self._kept:
            level = ((self._kept - index) / LEAVE).clip(0, 1).astype(np.float32)[:, None]
            sound += self._recording.block(start, stop) * level
        return np.asarray(np.clip(sound, -1, 1), dtype=np.float32)


class Kept:
    """The sound of a recording as it is."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def block(self, start: int, stop: int) -> Samples:
        """Samples ``start`` up to ``stop``: float32 in -1..1, shape (stop - start, 2)."""
        return np.asarray(np.clip(self._recording.block(start, stop), -1, 1), dtype=np.float32)
