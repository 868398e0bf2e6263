"""What falls, floats or glows in the air: snow, rain, petals, leaves, dust, fireflies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hinode.engines.preview.direction import Direction
from hinode.engines.preview.noise import Field
from hinode.engines.preview.palette import RGB, Palette, mix
from hinode.engines.preview.planes import Planes, yuv
from hinode.engines.preview.words import Light, Place, Weather


class Air(Protocol):
    """Something that is drawn over the finished scene."""

    def draw(self, planes: Planes, seconds: float, opacity: float) -> None:
        """Draw the moment ``seconds``; opacity is 0..1."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of particle looks and moves, in units of 1/720 of the short side."""

    count: int
    size: tuple[float, float]
    fall: tuple[float, float]
    drift: float
    sway: float
    colour: RGB
    strength: float
    glow: bool = False


def kind_for(direction: Direction, palette: Palette) -> Kind | None:
    """The particles of a scene, or None when its air is clear."""
    pale = mix((246, 248, 255), palette.horizon, 0.2)
    kinds = {
        Weather.SNOW: Kind(220, (1.3, 4.4), (40, 150), 26, 16, pale, 0.85),
        Weather.PETALS: Kind(90, (2.4, 5.2), (34, 92), 52, 30, (250, 178, 200), 0.85),
        Weather.LEAVES: Kind(60, (2.6, 5.6), (44, 110), 64, 34, (214, 118, 44), 0.9),
        Weather.DUST: Kind(120, (1.0, 2.6), (-8, 20), 90, 12, mix(palette.glow, pale, 0.3), 0.5),
        Weather.FIREFLIES: Kind(60, (2.2, 4.2), (-10, 6), 6, 30, (255, 236, 130), 0.95, glow=True),
    }
    chosen = kinds.get(direction.weather)
    if chosen is None and direction.light is Light.AUTUMN and direction.place is not Place.CITY:
        return kinds[Weather.LEAVES]
    return chosen


class Particles:
    """Soft round points, all drawn in one go."""

    def __init__(
        self, kind: Kind, rng: np.random.Generator, width: int, height: int, unit: float
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
        x, y = self._places(seconds)
        light = self._light * np.float32(opacity)
        if self._kind.glow:
            pulse = 0.5 + 0.5 * np.sin(self._phase * 5 + seconds * 2.1)
            light = light * pulse.astype(np.float32) ** 2
        for group in self._groups:
            size, shine = self._size[group], light[group]
            for plane, colour, step in zip(planes.all(), self._colour, (1, 2, 2), strict=True):
                place = (x[group] / step, y[group] / step)
                _splat(plane, place, size / step, shine, colour, self._kind.glow)

    def _places(self, seconds: float) -> tuple[Field, Field]:
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
        # Where the sum wraps around, the pixel was nearly white: it stays as it was.
        np.maximum(plane, plane + light, out=plane)


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


def _splat(
    plane: npt.NDArray[np.uint8],
    place: tuple[Field, Field],
    size: Field,
    light: Field,
    colour: float,
    glow: bool,
) -> None:
    """Blend a soft disc at every place; those that reach over the edge are left out."""
    height, width = plane.shape
    reach = max(1, int(np.ceil(float(size.max()) * (2.2 if glow else 1.0) + 0.2)))
    offsets = np.arange(-reach, reach + 1)
    middles = offsets.astype(np.float32) + np.float32(0.5)
    x, y = (np.floor(values).astype(np.intp) for values in place)
    seen = (x >= reach) & (x < width - reach) & (y >= reach) & (y < height - reach)
    x, y, size = x[seen], y[seen], size[seen, None, None]
    dx = (middles - _part(place[0][seen])[:, None]) ** 2
    dy = (middles - _part(place[1][seen])[:, None]) ** 2
    distance = np.sqrt(dx[:, None, :] + dy[:, :, None])
    if glow:
        cover = np.exp(-((distance / size) ** 2))
    else:
        cover = np.clip((size - distance) * np.float32(0.6) + np.float32(0.3), 0, 1)
    cover *= light[seen, None, None]
    rows, columns = y[:, None, None] + offsets[:, None], x[:, None, None] + offsets
    under = plane[rows, columns]
    plane[rows, columns] = under + (np.float32(colour) - under) * cover + np.float32(0.5)


def _part(values: Field) -> Field:
    return np.asarray(values - np.floor(values), dtype=np.float32)


def air_for(
    direction: Direction, palette: Palette, width: int, height: int, unit: float
) -> Air | None:
    """What is in the air of a scene, if anything."""
    rng = direction.rng("air")
    if direction.weather in {Weather.RAIN, Weather.STORM}:
        return Rain(rng, width, height, unit, heavy=direction.weather is Weather.STORM)
    kind = kind_for(direction, palette)
    return Particles(kind, rng, width, height, unit) if kind else None
