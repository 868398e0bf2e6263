"""Seeded noise that repeats without a seam: clouds, ridge lines, water."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.floating[Any]]


def noise_tile(
    rng: np.random.Generator, height: int, width: int, *, slope: float, stretch: float = 1.0
) -> Field:
    """Return a tile of noise of shape (height, width), mean 0, standard deviation 1.

    Its spectrum falls with frequency to the power ``slope``: larger is softer. ``stretch``
    above 1 makes it longer in x.
    """
    rows = np.fft.fftfreq(height)[:, None] * height
    columns = np.fft.rfftfreq(width)[None, :] * width * (height / width) * stretch
    power = np.maximum(np.hypot(rows, columns), 1.0) ** -slope
    spectrum = np.fft.rfft2(rng.standard_normal((height, width))) * power
    spectrum[0, 0] = 0
    return _normal(np.fft.irfft2(spectrum, s=(height, width)))


def noise_line(rng: np.random.Generator, length: int, *, waves: float, slope: float) -> Field:
    """Return a line of noise, mean 0, standard deviation 1, with about ``waves`` large swings."""
    frequency = np.arange(length // 2 + 1)
    power = 1.0 / (1.0 + (frequency / waves) ** slope)
    spectrum = np.fft.rfft(rng.standard_normal(length)) * power
    spectrum[0] = 0
    return _normal(np.fft.irfft(spectrum, n=length))


def take_line(line: Field, positions: Field) -> Field:
    """Return values of a repeating line at any positions, linearly between its points."""
    whole = np.floor(positions)
    part = (positions - whole).astype(np.float32)
    index = whole.astype(np.int64)
    left = line.take(index, mode="wrap")
    index += 1
    following = line.take(index, mode="wrap")
    return np.asarray(left + (following - left) * part, dtype=np.float32)


def _normal(values: Field) -> Field:
    spread = float(values.std()) or 1.0
    return np.asarray((values - values.mean()) / spread, dtype=np.float32)
