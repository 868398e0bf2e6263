"""Particles that fall, float or glow: snow, rain, petals, leaves, dust, fireflies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hinode.engines.preview.drawing.noise import Field
from hinode.engines.preview.drawing.patches import PixelPatches, fraction
from hinode.engines.preview.drawing.planes import Planes, yuv
from hinode.engines.preview.scene.description import SceneDescription
from hinode.engines.preview.scene.palette import RGB, Palette, mix
from hinode.engines.preview.scene.terms import Light, Place, Weather

# Discs smaller than this many pixels change the light only: their colour could not be seen.
MIN_TINTED_SIZE = 2.2
# Rows of rain that are added at once.
BLOCK = 96


class WeatherLayer(Protocol):
    """Something that is drawn over the finished scene."""

    def draw(self, planes: Planes, seconds: float, opacity: float) -> None:
        """Draw the moment ``seconds``; opacity is 0..1."""
        ...


@dataclass(frozen=True, slots=True)
class ParticleKind:
    """The appearance and motion of one kind, in units of 1/720 of the short side."""

    count: int
    size: tuple[float, float]
    fall: tuple[float, float]
    drift: float
    sway: float
    colour: RGB
    strength: float
    glow: bool = False


def particle_kind_for(description: SceneDescription, palette: Palette) -> ParticleKind | None:
    """Return the particles of a scene, or None when its air is clear."""
    pale = mix((246, 248, 255), palette.horizon, 0.2)
    kinds = {
        Weather.SNOW: ParticleKind(220, (1.3, 4.4), (40, 150), 26, 16, pale, 0.85),
        Weather.PETALS: ParticleKind(90, (2.4, 5.2), (34, 92), 52, 30, (250, 178, 200), 0.85),
        Weather.LEAVES: ParticleKind(60, (2.6, 5.6), (44, 110), 64, 34, (214, 118, 44), 0.9),
        Weather.DUST: ParticleKind(
            120, (1.0, 2.6), (-8, 20), 90, 12, mix(palette.glow, pale, 0.3), 0.5
        ),
        Weather.FIREFLIES: ParticleKind(
            60, (2.2, 4.2), (-10, 6), 6, 30, (255, 236, 130), 0.95, glow=True
        ),
    }
    chosen = kinds.get(description.weather)
    if chosen is None and description.light is Light.AUTUMN and description.place is not Place.CITY:
        return kinds[Weather.LEAVES]
    return chosen


class Particles:
    """Soft round points, all drawn in one go."""

    def __init__(
        self, kind: ParticleKind, rng: np.random.Generator, width: int, height: int, unit: float
    ) -> None:
        area = width * height / (1280 * 720 * unit * unit)
        count = max(6, int(kind.count * area**0.85))
        near = rng.random(count).astype(np.float32) ** 1.8
        self._kind, self._unit = kind, unit
        self._size = (kind.size[0] + (kind.size[1] - kind.size[0]) * near) * unit
        self._fall = (kind.fall[0] + (kind.fall[1] - kind.fall[0]) * near) * unit
        self._drift = kind.drift * (0.4 + near) * unit
        self._light = (0.45 + 0.55 * near) * np.float32(kind.strength)
        self._margin = kind.size[1] * unit * 3 + 2
        self._span = (width + 2 * self._margin, height + 2 * self._margin)
        self._start = rng.random((2, count)).astype(np.float32)
        self._phase = rng.uniform(0, 2 * np.pi, count).astype(np.float32)
        # Small and large ones apart: each group looks at no more pixels than it can touch.
        order = np.argsort(near)
        self._groups = np.array_split(order, 3)
        self._colour = yuv(kind.colour)

    def draw(self, planes: Planes, seconds: float, opacity: float) -> None:
        """Draw every particle where it is after ``seconds``."""
        x, y = self._positions(seconds)
        light = self._light * np.float32(opacity)
        if self._kind.glow:
            pulse = 0.5 + 0.5 * np.sin(self._phase * 5 + seconds * 2.1)
            light = light * pulse.astype(np.float32) ** 2
        y_value, u_value, v_value = self._colour
        for group in self._groups:
            discs = _Discs(x[group], y[group], self._size[group], light[group], self._kind.glow)
            discs.patches(planes.y.shape, 1).blend(planes.y, y_value)
            if discs.largest >= MIN_TINTED_SIZE:
                chroma = discs.patches(planes.u.shape, 2)
                chroma.blend(planes.u, u_value)
                chroma.blend(planes.v, v_value)

    def _positions(self, seconds: float) -> tuple[Field, Field]:
        sway = self._kind.sway * self._unit * np.sin(self._phase + seconds * 1.3)
        x = self._start[0] * self._span[0] + self._drift * seconds + sway
        y = self._start[1] * self._span[1] + self._fall * seconds
        if self._kind.glow:
            y = y * 0.45 + self._span[1] * 0.5 + 0.6 * sway[::-1]
        return (
            np.asarray(x % self._span[0] - self._margin, np.float32),
            np.asarray(y % self._span[1] - self._margin, np.float32),
        )


class Rain:
    """Slanting streaks: two tiles of them that slide down at different speeds."""

    def __init__(
        self, rng: np.random.Generator, width: int, height: int, unit: float, *, heavy: bool
    ) -> None:
        self._width, self._height, self._unit = width, height, unit
        density = 1.5 if heavy else 1.0
        self._tiles = [
            _streaks(rng, width, height, unit * size, int(count * density), light)
            for size, count, light in ((0.6, 260, 20), (1.0, 110, 38))
        ]

    def draw(self, planes: Planes, seconds: float, opacity: float) -> None:
        """Brighten the luma plane along the streaks."""
        for tile, speed in zip(self._tiles, (1150.0, 1700.0), strict=True):
            moved = round(speed * self._unit * seconds) % self._height
            parts = (
                (slice(moved, None), slice(0, self._height - moved)),
                (slice(0, moved), slice(self._height - moved, None)),
            )
            for target, source in parts:
                self._add(planes.y[target], tile[source], opacity)

    def _add(self, plane: npt.NDArray[np.uint8], tile: npt.NDArray[np.uint8], part: float) -> None:
        light = tile if part >= 1 else (tile * np.float32(part)).astype(np.uint8)
        # A few rows at a time: what is worked on stays in the processor's cache.
        for first in range(0, len(plane), BLOCK):
            rows = plane[first : first + BLOCK]
            # Where the sum wraps around, the pixel was nearly white: it stays as it was.
            np.maximum(rows, rows + light[first : first + BLOCK], out=rows)


def _streaks(
    rng: np.random.Generator, width: int, height: int, unit: float, count: int, light: int
) -> npt.NDArray[np.uint8]:
    area = width * height / (1280 * 720 * max(unit, 0.2) ** 2)
    count = int(count * min(area, 3.0))
    tile = np.zeros((height, width), dtype=np.float32)
    length = max(4, int(46 * unit))
    along = np.arange(length)
    fade = np.sin(np.pi * (along + 0.5) / length) * light
    x = rng.integers(0, width, count)[:, None] + (along * -0.13).astype(np.int64)[None, :]
    y = rng.integers(0, height, count)[:, None] + along[None, :]
    strength = fade[None, :] * rng.uniform(0.4, 1.0, count)[:, None]
    np.maximum.at(tile, (y % height, x % width), strength)
    if unit >= 0.8:
        np.maximum.at(tile, (y % height, (x + 1) % width), strength * 0.5)
    return tile.astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Discs:
    """Soft discs: middles and radii in pixels of the luma plane, strengths 0..1."""

    x: Field
    y: Field
    size: Field
    light: Field
    glow: bool

    @property
    def largest(self) -> float:
        """The largest radius."""
        return float(self.size.max())

    def patches(self, shape: tuple[int, ...], step: int) -> PixelPatches:
        """Return the discs on a plane reduced by ``step``; those over its edge are left out."""
        x, y = self.x / np.float32(step), self.y / np.float32(step)
        reach = max(1, int(np.ceil(self.largest / step * (2.2 if self.glow else 1.0) + 0.2)))
        column, row = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
        seen = (column >= reach) & (column < shape[1] - reach)
        seen &= (row >= reach) & (row < shape[0] - reach)
        offsets = np.arange(-reach, reach + 1)
        middles = offsets.astype(np.float32) + np.float32(0.5)
        dx = (middles - fraction(x[seen])[:, None]) ** 2
        dy = (middles - fraction(y[seen])[:, None]) ** 2
        distance = np.sqrt(dx[:, None, :] + dy[:, :, None])
        cover = self._soft(distance, self.size[seen, None, None] / np.float32(step))
        cover *= self.light[seen, None, None]
        return PixelPatches(
            row[seen, None, None] + offsets[:, None], column[seen, None, None] + offsets, cover
        )

    def _soft(self, distance: Field, size: Field) -> Field:
        if self.glow:
            return np.asarray(np.exp(-((distance / size) ** 2)))
        return np.clip((size - distance) * np.float32(0.6) + np.float32(0.3), 0, 1)


def weather_layer_for(
    description: SceneDescription, palette: Palette, width: int, height: int, unit: float
) -> WeatherLayer | None:
    """Return what is in the air of a scene, if anything."""
    rng = description.rng("air")
    if description.weather in {Weather.RAIN, Weather.STORM}:
        return Rain(rng, width, height, unit, heavy=description.weather is Weather.STORM)
    kind = particle_kind_for(description, palette)
    return Particles(kind, rng, width, height, unit) if kind else None
