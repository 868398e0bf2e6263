"""Water below the horizon: a rippling reflection of what stands above it, and glitter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hinode.engines.preview.drawing.noise import Field, noise_tile
from hinode.engines.preview.drawing.planes import Plane, Planes, yuv
from hinode.engines.preview.scene.description import SceneDescription
from hinode.engines.preview.scene.palette import Palette

Ints = npt.NDArray[np.int16]
Bytes = npt.NDArray[np.int8]
Rows = npt.NDArray[np.intp]

# Rows of the water that are worked on at once.
BLOCK = 48
# Half a step of the 7 bits that weights have.
ROUND = 64


class Water:
    """Fills the rows from ``top`` to the bottom of the frame."""

    def __init__(
        self,
        description: SceneDescription,
        palette: Palette,
        *,
        width: int,
        height: int,
        top: int,
        unit: float,
        sun_x: float,
    ) -> None:
        rng = description.rng("water")
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
        light = self._shine(planes.y.shape[1], seconds)
        self._reflect(planes.y, self._tints[0], 1, seconds, light)
        for plane, tint in zip((planes.u, planes.v), self._tints[1:], strict=True):
            self._reflect(plane, tint, 2, seconds, None)

    def _reflect(
        self, plane: Plane, tint: float, step: int, seconds: float, light: _Shine | None
    ) -> None:
        top = self._top // step
        share = self._share[::step][: plane.shape[0] - top]
        source = self._mirror(share, top, step, seconds)
        weight = np.asarray(30 + 65 * share**0.7, dtype=np.int16)[:, None]
        colour = np.asarray(tint * (1 - 0.32 * share * (step == 1)), np.float32)
        add = (colour[:, None] * weight + ROUND).astype(np.int16)
        keep = 128 - weight
        # A few rows at a time: what is worked on stays in the processor's cache.
        for first in range(0, len(share), BLOCK):
            rows = slice(first, first + BLOCK)
            mixed = plane.take(source[rows], axis=0).astype(np.int16)
            mixed *= keep[rows]
            mixed += add[rows]
            mixed >>= 7
            if light is not None:
                light.add(mixed, rows)
            plane[top + first : top + first + len(mixed)] = mixed

    def _mirror(self, share: Field, top: int, step: int, seconds: float) -> Rows:
        """Return the row above the water that is seen in each row of it."""
        rows = np.arange(len(share), dtype=np.float32)
        # Nearer rows ripple wider and slower: this is what gives the water its depth.
        swell = (1.0 + 9.0 * share) * self._unit / step
        phase = 34.0 / (share + 0.10) - seconds * 2.4
        wave = np.sin(phase) * swell + np.sin(phase * 0.37 + seconds) * swell * 0.6
        return np.asarray(np.clip(top - 1 - rows * 0.92 + wave, 0, top - 1), dtype=np.intp)

    def _shine(self, width: int, seconds: float) -> _Shine:
        rate = 16 * self._unit * seconds
        right, left = int(rate) % (2 * width), int(width * 0.8 - rate * 0.7) % (2 * width)
        crests = self._tile[:, right : right + width], self._tile[:, left : left + width]
        return _Shine(*crests, self._light)


@dataclass(frozen=True, slots=True)
class _Shine:
    """Glitter of one moment: two layers of crests, and how strongly each pixel catches light."""

    one: Bytes
    other: Bytes
    strength: Ints

    def add(self, luma: Ints, rows: slice) -> None:
        """Add it to the luma of some rows, which stays in its limits."""
        light = (self.one[rows] + self.other[rows]).astype(np.int16)
        light *= self.strength[rows]
        light >>= 6
        light += luma
        # One pass for both limits.
        np.clip(light, 16, 235, out=luma)


def _waves(rng: np.random.Generator, rows: int, width: int) -> Bytes:
    """Return wave crests seen at a low angle: fine and dense far away, long and wide near by."""
    tile = noise_tile(rng, 256, 256, slope=0.9, stretch=1.0)
    share = (np.arange(rows) + 0.5) / rows
    distance = 1.0 / (share + 0.09)
    v = distance * 26
    x = np.arange(width)
    # Measured from the middle, as the eye sees it: rows do not shear against each other.
    u = np.abs((x[None, :] - width / 2) * (0.05 + 0.05 * distance[:, None]) * (720 / width))
    values = _between(tile, v, u)
    return np.asarray(np.clip(values * 5 - 2, -5, 20), dtype=np.int8)


def _between(tile: Field, rows: Field, columns: Field) -> Field:
    """Return values of a repeating 256 x 256 tile between its points, smoothly."""
    row, column = np.floor(rows).astype(np.intp), np.floor(columns).astype(np.intp)
    down = (rows - row)[:, None]
    across = columns - column
    row, column = row[:, None] % 256, column % 256
    below, right = (row + 1) % 256, (column + 1) % 256
    upper = tile[row, column] * (1 - across) + tile[row, right] * across
    lower = tile[below, column] * (1 - across) + tile[below, right] * across
    return np.asarray(upper * (1 - down) + lower * down)


def _glitter(width: int, rows: int, sun_x: float, palette: Palette, unit: float) -> Ints:
    """Return how strongly each pixel catches the light: a widening path under the sun."""
    share = (np.arange(rows, dtype=np.float32)[:, None] + 1) / rows
    columns = np.arange(width, dtype=np.float32)[None, :]
    spread = (60 + 240 * share) * unit
    path = np.exp(-(((columns - sun_x) / spread) ** 2))
    strength = 150 if palette.sun else 50
    return np.asarray((26 + strength * path) * (0.35 + 0.65 * share), dtype=np.int16)
