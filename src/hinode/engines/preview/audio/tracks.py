"""Sound tracks of more than one part: scenes after each other, and a video that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hinode.engines.preview.audio.ambience import Ambience, fade_length, fade_levels
from hinode.engines.preview.scene.description import SceneDescription
from hinode.media.encode import SAMPLE_RATE, Samples
from hinode.media.video_reader import AudioReader

# How long one scene's sound is heard together with the next one's.
CROSSFADE_SAMPLES = SAMPLE_RATE // 4
# A recording that is left ends within this: a sudden end would click.
SOURCE_FADE_SAMPLES = SAMPLE_RATE // 30


@dataclass(frozen=True, slots=True)
class TrackSegment:
    """The samples of one scene."""

    description: SceneDescription
    start: int
    stop: int


class CrossfadedTrack:
    """The sounds of scenes after each other, each faded into the next one around the cut."""

    def __init__(self, segments: Sequence[TrackSegment]) -> None:
        self._segments = list(segments)
        self._total = segments[-1].stop
        self._sounds: dict[int, Ambience] = {}

    def block(self, start: int, stop: int) -> Samples:
        """Return samples ``start`` up to ``stop``: float32 in -1..1, shape (stop - start, 2)."""
        sound = np.zeros((stop - start, 2), dtype=np.float32)
        for number, segment in enumerate(self._segments):
            if (
                segment.start - CROSSFADE_SAMPLES < stop
                and start < segment.stop + CROSSFADE_SAMPLES
            ):
                part = self._sound(number).block(start, stop)
                sound += part * self._level(number, start, stop)
            else:
                self._sounds.pop(number, None)
        sound *= fade_levels(start, stop, self._total)
        return sound

    def _sound(self, number: int) -> Ambience:
        if number not in self._sounds:
            segment = self._segments[number]
            self._sounds[number] = Ambience(
                segment.description, segment.stop - segment.start + CROSSFADE_SAMPLES
            )
        return self._sounds[number]

    def _level(self, number: int, start: int, stop: int) -> Samples:
        """Return equal power on both sides of a cut; the first and last scene have one cut only."""
        index, segment = np.arange(start, stop), self._segments[number]
        rise = (index - segment.start) / CROSSFADE_SAMPLES + 0.5
        fall = (segment.stop - index) / CROSSFADE_SAMPLES + 0.5
        if number == 0:
            rise = np.ones_like(rise)
        if number == len(self._segments) - 1:
            fall = np.ones_like(fall)
        level = np.sin(np.minimum(rise, fall).clip(0, 1) * (np.pi / 2))
        return np.asarray(level, dtype=np.float32)[:, None]


class ExtendedTrack:
    """The sound of a kept recording, then ours: it rises as the recording's own end fades."""

    def __init__(
        self, source_audio: AudioReader, description: SceneDescription, kept: int, total: int
    ) -> None:
        self._source_audio, self._kept, self._total = source_audio, kept, total
        # As long as the parent's own loop, so that an extension goes on in its rhythm.
        self._ambience = Ambience(description, kept)
        self._fade = fade_length(kept)

    def block(self, start: int, stop: int) -> Samples:
        """Return samples ``start`` up to ``stop``: float32 in -1..1, shape (stop - start, 2)."""
        index = np.arange(start, stop)
        # What our tracks lose while they fade out: the sum of both stays as loud as it was.
        left = ((self._kept - 1 - index) / self._fade).clip(0, 1)
        rise = np.asarray(np.cos(left * (np.pi / 2)) ** 2, dtype=np.float32)[:, None]
        end = np.minimum(1, fade_levels(start, stop, self._total) + (index < self._kept)[:, None])
        sound = self._ambience.block(start, stop) * rise * end.astype(np.float32)
        if start < self._kept:
            level = (
                ((self._kept - index) / SOURCE_FADE_SAMPLES).clip(0, 1).astype(np.float32)[:, None]
            )
            sound += self._source_audio.block(start, stop) * level
        return np.asarray(np.clip(sound, -1, 1), dtype=np.float32)


class SourceTrack:
    """The sound of a recording as it is."""

    def __init__(self, source_audio: AudioReader) -> None:
        self._source_audio = source_audio

    def block(self, start: int, stop: int) -> Samples:
        """Return samples ``start`` up to ``stop``: float32 in -1..1, shape (stop - start, 2)."""
        return np.asarray(np.clip(self._source_audio.block(start, stop), -1, 1), dtype=np.float32)
