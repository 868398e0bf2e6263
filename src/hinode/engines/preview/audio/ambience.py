"""The sound of a scene: wind, waves, rain, crickets and soft chords, in stereo.

Everything is written into one loop that repeats without a seam: noise and chords as
spectra, with frequencies that fit the loop, so a long clip costs no more memory than a short one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hinode.engines.preview.scene.description import SceneDescription
from hinode.engines.preview.scene.terms import Light, Place, Weather
from hinode.media.encode import SAMPLE_RATE, Samples

LOOP_SECONDS = 8
# Chords are made at the sample rate divided by this.
CHORD_RATE_DIVISOR = 6
# The loudest sample: some room is left for what AAC adds.
PEAK = 0.5

MonoSamples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NoiseBed:
    """A band of noise: edges in Hz, loudness, and how deep and often it swells per loop."""

    low: float
    high: float
    loud: float
    depth: float = 0.3
    swells: int = 3


WIND = NoiseBed(60, 420, 0.5, 0.6, 3)
BREEZE = NoiseBed(200, 1400, 0.10, 0.7, 2)
WAVES = NoiseBed(80, 1500, 0.8, 0.85, 3)
RAIN = NoiseBed(900, 9000, 0.42, 0.12, 5)
THUNDER = NoiseBed(25, 110, 1.3, 0.95, 2)
HUM = NoiseBed(30, 160, 0.5, 0.2, 2)

# Chords as steps above the root; open and calm ones.
CHORDS: tuple[tuple[int, ...], ...] = (
    (0, 7, 12, 16, 19),
    (0, 7, 12, 15, 19),
    (0, 7, 11, 14, 19),
    (0, 5, 12, 16, 21),
)
DARK_CHORD = (0, 7, 12, 15, 22)


class Ambience:
    """The endless sound of a scene, given out in blocks. ``samples`` bounds what is composed."""

    def __init__(self, description: SceneDescription, samples: int) -> None:
        seconds = min(LOOP_SECONDS, -(-samples // SAMPLE_RATE))
        self._loop = _loop(description, max(1, seconds))

    def block(self, start: int, stop: int) -> Samples:
        """Return samples ``start`` up to ``stop``: float32 in -1..1, shape (stop - start, 2)."""
        return self._loop.take(np.arange(start, stop) % len(self._loop), axis=0)


def fade_levels(start: int, stop: int, total: int) -> Samples:
    """Return how loud each sample is, shape (stop - start, 1): a track fades in and out."""
    index = np.arange(start, stop)
    fade = fade_length(total)
    edge = np.minimum(index, total - 1 - index).clip(0, fade) / fade
    return np.asarray(np.sin(edge * (np.pi / 2)).astype(np.float32)[:, None] ** 2)


def fade_length(total: int) -> int:
    """Return how many samples a track of ``total`` samples takes to fade in, and to fade out."""
    return max(1, min(SAMPLE_RATE, total // 4))


class SoundTrack:
    """The stereo track of one scene, given out in blocks."""

    def __init__(self, description: SceneDescription, total_samples: int) -> None:
        self._total = total_samples
        self._sound = Ambience(description, total_samples)

    def block(self, start: int, stop: int) -> Samples:
        """Return samples ``start`` up to ``stop``: float32 in -1..1, shape (stop - start, 2)."""
        sound = self._sound.block(start, stop)
        sound *= fade_levels(start, stop, self._total)
        return sound


def noise_beds_for(description: SceneDescription) -> list[NoiseBed]:
    """Return the noises that belong to the scene."""
    beds = []
    if description.place in {Place.SEA, Place.LAKE}:
        beds.append(WAVES)
    if description.weather in {Weather.RAIN, Weather.STORM}:
        beds.append(RAIN)
    if description.weather is Weather.STORM:
        beds.append(THUNDER)
    if description.place in {Place.CITY, Place.SPACE}:
        beds.append(HUM)
    if description.weather in {Weather.SNOW, Weather.FOG} or description.place in {
        Place.MOUNTAINS, Place.DESERT,
    }:  # fmt: skip
        beds.append(WIND)
    return beds or [BREEZE]


def _loop(description: SceneDescription, seconds: int) -> Samples:
    rng = description.rng("sound")
    count = seconds * SAMPLE_RATE
    sound = _chord(description, rng, count) * np.float32(0.5)
    for bed in noise_beds_for(description):
        sound += _noise(bed, rng, count)
    if _has_crickets(description):
        sound += _crickets(rng, count)
    return np.ascontiguousarray(sound * np.float32(PEAK / max(1e-6, float(np.abs(sound).max()))))


def _noise(bed: NoiseBed, rng: np.random.Generator, count: int) -> Samples:
    frequency = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)[1:].astype(np.float32)
    band = 1 / (1 + (bed.low / frequency) ** 4) / (1 + (frequency / bed.high) ** 3)
    # Equal power in each octave sounds natural; white noise sounds like a fault.
    band = np.append(np.float32(0), band / np.sqrt(frequency))
    shared = _white(rng, len(band))
    sound = np.empty((count, 2), dtype=np.float32)
    for side in range(2):
        line = np.fft.irfft(band * (0.6 * shared + 0.8 * _white(rng, len(band))), n=count)
        sound[:, side] = line / np.float32(line.std() * 3.2)
    sound *= (_swell(bed, rng, count) * np.float32(bed.loud))[:, None]
    return sound


def _white(rng: np.random.Generator, count: int) -> npt.NDArray[np.complex64]:
    return rng.standard_normal(2 * count, dtype=np.float32).view(np.complex64)


def _swell(bed: NoiseBed, rng: np.random.Generator, count: int) -> MonoSamples:
    turn = np.arange(count, dtype=np.float32) * np.float32(2 * np.pi / count)
    slow = np.sin(turn * bed.swells + float(rng.uniform(0, 6.28)))
    slower = np.sin(turn + float(rng.uniform(0, 6.28)))
    level = (0.5 + 0.35 * slow + 0.15 * slower) ** 1.4
    return np.asarray(1 - bed.depth + bed.depth * level, dtype=np.float32)


def _chord(description: SceneDescription, rng: np.random.Generator, count: int) -> Samples:
    dark = description.light in {Light.NIGHT, Light.NEON, Light.OVERCAST}
    steps = DARK_CHORD if dark else CHORDS[int(rng.integers(len(CHORDS)))]
    root = (98.0 if dark else 130.8) * 2 ** (float(rng.integers(-3, 4)) / 12)
    # Nothing in a chord is above 4 kHz: it is made at a sixth of the rate, then widened.
    low = count // CHORD_RATE_DIVISOR
    turn = np.arange(low, dtype=np.float32) * np.float32(2 * np.pi / low)
    sound = np.zeros((low, 2), dtype=np.float32)
    for order, step in enumerate(steps):
        # Each note breathes at its own time and stands at its own place between the sides.
        breath = 0.55 + 0.45 * np.sin(turn * (1 + order % 3) + float(rng.uniform(0, 6.28)))
        place = 0.5 + 0.35 * (-1) ** order * order / len(steps)
        note = _note(root * 2 ** (step / 12), low, rng) * breath * np.float32(0.9**order)
        sound += note[:, None] * np.array((1 - place, place), dtype=np.float32)
    sound /= np.float32(max(1e-6, float(np.abs(sound).max())))
    return _upsample(sound, count)


def _note(hertz: float, count: int, rng: np.random.Generator) -> MonoSamples:
    """Return a warm tone: a few detuned lines in a spectrum, so that it repeats exactly."""
    spectrum = np.zeros(count // 2 + 1, dtype=np.complex64)
    seconds = count * CHORD_RATE_DIVISOR / SAMPLE_RATE
    for partial, strength in ((1, 1.0), (2, 0.32), (3, 0.12)):
        for detune in (-1, 0, 1):
            bin_number = round(hertz * partial * seconds) + detune
            phase = float(rng.uniform(0, 2 * np.pi))
            if 0 < bin_number < len(spectrum):
                spectrum[bin_number] += strength * np.exp(1j * phase)
    return np.asarray(np.fft.irfft(spectrum, n=count) * (count / 2), dtype=np.float32)


def _upsample(sound: Samples, count: int) -> Samples:
    """Return the same sound at the full rate: its spectrum, with silence above."""
    spectrum = np.fft.rfft(sound, axis=0)
    wide = np.fft.irfft(spectrum, n=count, axis=0) * (count / len(sound))
    return np.asarray(wide, dtype=np.float32)


def _has_crickets(description: SceneDescription) -> bool:
    warm = description.weather in {Weather.CLEAR, Weather.FIREFLIES}
    dark = description.light in {Light.NIGHT, Light.DUSK}
    return warm and dark and description.place not in {Place.SPACE, Place.CITY, Place.SEA}


def _crickets(rng: np.random.Generator, count: int) -> Samples:
    time = np.arange(count, dtype=np.float32) / SAMPLE_RATE
    sound = np.zeros((count, 2), dtype=np.float32)
    for side in range(2):
        hertz = round(float(rng.uniform(3900, 4500)))
        pulse = np.maximum(0, np.sin(2 * np.pi * 17 * time)) ** 2
        chirp = np.clip(np.sin(2 * np.pi * (1 + side) * time) * 3 - 1.2, 0, 1)
        tone = np.sin(np.float32(2 * np.pi) * ((hertz * time.astype(np.float64)) % 1.0))
        sound[:, side] = 0.07 * pulse * chirp * tone
    return sound
