"""Effects of light and film over a finished frame, in a few passes over its planes each.

All masks are made once. Luma is kept from 16 to 235, colour differences from 16 to 240.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from hinode.engines.preview.drawing.planes import Plane, Planes

# New grain as often as this a second: as film has it.
GRAIN_FPS = 24


class Effect(Protocol):
    """Something that changes a finished frame."""

    def apply(self, planes: Planes, seconds: float) -> None:
        """Change the frame of the moment ``seconds``."""
        ...


class Vignette:
    """Darkens towards the corners, by ``depth`` steps of luma at most."""

    def __init__(self, width: int, height: int, depth: int) -> None:
        distance = _distance(width, height, (0.5, 0.5), round_=False)
        self._dark = (np.clip(distance - 0.62, 0, 1) ** 1.6 * 2.2 * depth).clip(0, depth)
        self._dark = self._dark.astype(np.uint8)
        self._floor = self._dark + np.uint8(16)

    def apply(self, planes: Planes, seconds: float) -> None:
        """Take the mask off the luma."""
        np.maximum(planes.y, self._floor, out=planes.y)
        planes.y[:] -= self._dark


class SoftLight:
    """A soft light at a place (parts of width and height), in the colours (blue, red)."""

    def __init__(
        self,
        width: int,
        height: int,
        at: tuple[float, float],
        strength: int,
        colour: tuple[int, int] = (0, 0),
    ) -> None:
        glow = np.exp(-2.6 * _distance(width, height, at, round_=True) ** 1.5)
        self._light = (glow * strength).astype(np.uint8)
        self._roof = np.uint8(235) - self._light
        half = glow[::2, ::2]
        self._colours = [(half * part).astype(np.int8).view(np.uint8) for part in colour]
        self._tints = any(colour)

    def apply(self, planes: Planes, seconds: float) -> None:
        """Add the light."""
        np.minimum(planes.y, self._roof, out=planes.y)
        planes.y[:] += self._light
        if self._tints:
            for plane, colour in zip((planes.u, planes.v), self._colours, strict=True):
                _shift(plane, colour)


class Grain:
    """Film grain: one tile of noise, laid on at another place each time."""

    def __init__(self, seed: int, strength: int) -> None:
        self._rng = np.random.default_rng([seed & 0xFFFFFFFF, 71])
        self._seed = seed & 0xFFFFFFFF
        noise = self._rng.normal(0, strength / 2, (256, 256)).clip(-strength, strength)
        self._tile = np.tile(noise.astype(np.int8).view(np.uint8), (2, 2))

    def apply(self, planes: Planes, seconds: float) -> None:
        """Add the noise; luma leaves room for it on both sides, so no value wraps around."""
        rng = np.random.default_rng([self._seed, round(seconds * GRAIN_FPS)])
        height, width = planes.y.shape
        for top in range(0, height, 256):
            for left in range(0, width, 256):
                y, x = (int(part) for part in rng.integers(0, 256, 2))
                part = planes.y[top : top + 256, left : left + 256]
                part += self._tile[y : y + part.shape[0], x : x + part.shape[1]]


class Scanlines:
    """The dark lines between the rows of an old screen, and one slow bright band."""

    def __init__(self, unit: float) -> None:
        self._step = max(3, round(5 * unit))

    def apply(self, planes: Planes, seconds: float) -> None:
        """Darken every few rows by a quarter."""
        for first in range(max(1, self._step // 3)):
            rows = planes.y[first :: self._step]
            rows -= rows >> 2
        height = planes.y.shape[0]
        middle = int(height * ((seconds * 0.21) % 1.3 - 0.15))
        band = planes.y[max(0, middle) : max(0, middle + height // 9)]
        np.minimum(band, 215, out=band)
        band += np.uint8(18)
        np.maximum(planes.y, 16, out=planes.y)


class ChromaBleed:
    """Colours that lag to the right of what they belong to, as on tape."""

    def __init__(self, unit: float) -> None:
        self._shift_by = max(1, round(4.5 * unit))

    def apply(self, planes: Planes, seconds: float) -> None:
        """Move blue a little and red twice as far."""
        for plane, by in ((planes.u, self._shift_by), (planes.v, 2 * self._shift_by)):
            if by < plane.shape[1]:
                plane[:, by:] = plane[:, :-by].copy()


class Rainbow:
    """Stripes of all hues that wander over the picture, and pulse with a slow beat."""

    def __init__(self, width: int, height: int) -> None:
        self._wide = max(2, width // 2)
        columns = np.arange(self._wide * 2) / self._wide
        rows = np.arange(max(1, height // 2))[:, None] / max(1, height // 2)
        turn = 2 * np.pi * (columns[None, :] * 2 + rows * 0.9)
        self._blue, self._red = (
            (wave(turn) * 44).astype(np.int8).view(np.uint8) for wave in (np.cos, np.sin)
        )

    def apply(self, planes: Planes, seconds: float) -> None:
        """Bend both colour differences."""
        # The stripes repeat twice over the width, so half of it is one whole round.
        left = int(seconds * 0.11 * self._wide) % self._wide
        width = planes.u.shape[1]
        for plane, tile in ((planes.u, self._blue), (planes.v, self._red)):
            _shift(plane, tile[: plane.shape[0], left : left + width])


def _shift(plane: Plane, change: Plane) -> None:
    """Add signed values to a plane of colour differences, kept well away from its ends."""
    np.clip(plane, 64, 192, out=plane)
    plane += change


def _distance(
    width: int, height: int, at: tuple[float, float], *, round_: bool
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return each pixel's distance from a place: 1 at the sides, or half the longer if round."""
    x = (np.arange(width, dtype=np.float32) + 0.5) / width - at[0]
    y = (np.arange(height, dtype=np.float32) + 0.5) / height - at[1]
    long = max(width, height)
    if round_:
        x, y = x * width / long, y * height / long
    return np.asarray(np.hypot(x[None, :], y[:, None]) * 2, dtype=np.float32)
