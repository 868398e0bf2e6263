"""Water below the horizon: a rippling reflection of what stands above it, and glitter."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hinode.engines.preview.direction import Direction
from hinode.engines.preview.noise import Field, noise_tile
from hinode.engines.preview.palette import Palette
from hinode.engines.preview.planes import Plane, Planes, yuv

Ints = npt.NDArray[np.int16]


class Water:
    """Fills the rows from ``top`` to the bottom of the frame."""

    def __init__(
        self,
        direction: Direction,
        palette: Palette,
        *,
        width: int,
        height: int,
        top: int,
        unit: float,
        sun_x: float,
    ) -> None:
        rng = direction.rng("water")
        self._top, self._unit = top, unit
        rows = height - top
        self._share = (np.arange(rows, dtype=np.float32) + 1) / rows
        self._tints = yuv(palette.water)
        tile = _waves(rng, rows, width)
        # Mirrored copies side by side: a window can slide over them without a seam.
        self._tile = np.concatenate((tile, tile[:, ::-1], tile), axis=1)
        self._light = _glitter(width, rows, sun_x, palette, unit)

    def draw(self, planes: Planes, seconds: float) -> None:
        """Reflect what is already drawn above the water's top."""
        for plane, tint, step in zip(planes.all(), self._tints, (1, 2, 2), strict=True):
            self._reflect(plane, tint, step, seconds)
        self._shine(planes.y[self._top :], seconds)

    def _reflect(self, plane: Plane, tint: float, step: int, seconds: float) -> None:
        top = self._top // step
        count = plane.shape[0] - top
        share = self._share[::step][:count]
        rows = np.arange(len(share), dtype=np.float32)
        # Nearer rows ripple wider and slower: this is what gives the water its depth.
        swell = (1.0 + 9.0 * share) * self._unit / step
        phase = 34.0 / (share + 0.10) - seconds * 2.4
        wave = np.sin(phase) * swell + np.sin(phase * 0.37 + seconds) * swell * 0.6
        source = np.clip(top - 1 - rows * 0.92 + wave, 0, top - 1).astype(np.intp)
        weight = np.asarray(60 + 130 * share**0.7, dtype=np.uint16)[:, None]
        colour = np.asarray(tint * (1 - 0.32 * share * (step == 1)), np.float32)
        add = (colour[:, None] * weight + 128).astype(np.uint16)
        mirrored = plane.take(source, axis=0).astype(np.uint16)
        mirrored *= 256 - weight
        mirrored += add
        mirrored >>= 8
        plane[top : top + len(share)] = mirrored

    def _shine(self, water: Plane, seconds: float) -> None:
        width = water.shape[1]
        rate = 16 * self._unit * seconds
        right, left = int(rate) % (2 * width), int(width * 0.8 - rate * 0.7) % (2 * width)
        light = self._tile[:, right : right + width] + self._tile[:, left : left + width]
        light *= self._light
        light >>= 6
        light += water
        np.minimum(light, 235, out=light)
        np.maximum(light, 16, out=light)
        water[:] = light


def _waves(rng: np.random.Generator, rows: int, width: int) -> Ints:
    """Wave crests seen at a low angle: fine and dense far away, long and wide near by."""
    tile = noise_tile(rng, 256, 256, slope=0.9, stretch=1.0)
    share = (np.arange(rows) + 0.5) / rows
    distance = 1.0 / (share + 0.09)
    v = distance * 26
    x = np.arange(width)
    # Measured from the middle, as the eye sees it: rows do not shear against each other.
    u = np.abs((x[None, :] - width / 2) * (0.05 + 0.05 * distance[:, None]) * (720 / width))
    values = _between(tile, v, u)
    return np.asarray(np.clip(values * 5 - 2, -5, 20), dtype=np.int16)


def _between(tile: Field, rows: Field, columns: Field) -> Field:
    """Values of a repeating 256 x 256 tile between its points, smoothly."""
    row, column = np.floor(rows).astype(np.intp), np.floor(columns).astype(np.intp)
    down = (rows - row)[:, None]
    across = columns - column
    row, column = row[:, None] % 256, column % 256
    below, right = (row + 1) % 256, (column + 1) % 256
    upper = tile[row, column] * (1 - across) + tile[row, right] * across
    lower = tile[below, column] * (1 - across) + tile[below, right] * across
    return np.asarray(upper * (1 - down) + lower * down)


def _glitter(width: int, rows: int, sun_x: float, palette: Palette, unit: float) -> Ints:
    """How strongly each pixel catches the light: a widening path under the sun."""
    share = (np.arange(rows, dtype=np.float32)[:, None] + 1) / rows
    columns = np.arange(width, dtype=np.float32)[None, :]
    spread = (60 + 240 * share) * unit
    path = np.exp(-(((columns - sun_x) / spread) ** 2))
    strength = 150 if palette.sun else 50
    return np.asarray((26 + strength * path) * (0.35 + 0.65 * share), dtype=np.int16)
