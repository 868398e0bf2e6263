"""Choose the layers of a place: how high, how rough, how many, in which colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hinode.engines.preview.drawing.noise import Field, noise_line
from hinode.engines.preview.scene.city import skyline
from hinode.engines.preview.scene.description import SceneDescription
from hinode.engines.preview.scene.palette import Palette, mix
from hinode.engines.preview.scene.ridges import Ridge
from hinode.engines.preview.scene.terms import Place

# World length in multiples of the frame's width: no line repeats while it is in view.
WORLD = 4
# The row of the ground in front, as a part of the height.
SHORE = 0.80


@dataclass(frozen=True, slots=True)
class Terrain:
    """The layers of a place. Heights are parts of the frame's height.

    ``high`` is the swing of the farthest and nearest layer, ``waves`` the large swings per
    frame width, ``slope`` the roughness (lower is rougher), ``drop`` how far the layers
    spread below the horizon.
    """

    layers: int
    high: tuple[float, float]
    waves: tuple[float, float]
    slope: float
    drop: float
    horizon: float


TERRAINS: dict[Place, Terrain] = {
    Place.MOUNTAINS: Terrain(5, (0.085, 0.05), (1.4, 1.2), 1.75, 0.20, 0.60),
    Place.HILLS: Terrain(5, (0.035, 0.030), (1.2, 0.8), 3.2, 0.19, 0.61),
    Place.SEA: Terrain(1, (0.016, 0.016), (1.0, 1.0), 2.2, 0.0, 0.58),
    Place.LAKE: Terrain(3, (0.055, 0.018), (1.6, 1.4), 1.9, 0.0, 0.58),
    Place.CITY: Terrain(4, (0.07, 0.085), (1.0, 1.0), 2.0, 0.14, 0.64),
    Place.FOREST: Terrain(4, (0.03, 0.035), (1.5, 1.0), 2.6, 0.22, 0.56),
    Place.DESERT: Terrain(4, (0.022, 0.045), (1.2, 0.7), 3.4, 0.20, 0.60),
    Place.SPACE: Terrain(1, (0.02, 0.03), (1.0, 0.8), 1.8, 0.0, 0.82),
}


def has_water(place: Place) -> bool:
    """Return whether the place has water below the horizon."""
    return place in {Place.SEA, Place.LAKE}


def layers_for(
    description: SceneDescription, palette: Palette, width: int, height: int, unit: float
) -> list[Ridge]:
    """Return the layers of the description's place from far to near."""
    terrain = TERRAINS[description.place]
    rng = description.rng("terrain")
    return [
        _layer(description.place, terrain, index, palette, rng, width, height, unit)
        for index in range(terrain.layers)
    ]


def _layer(
    place: Place,
    terrain: Terrain,
    index: int,
    palette: Palette,
    rng: np.random.Generator,
    width: int,
    height: int,
    unit: float,
) -> Ridge:
    depth = index / (terrain.layers - 1) if terrain.layers > 1 else 0.0
    near = depth**0.9
    swing = (terrain.high[0] + (terrain.high[1] - terrain.high[0]) * depth) * height
    waves = (terrain.waves[0] + (terrain.waves[1] - terrain.waves[0]) * depth) * WORLD
    line = noise_line(rng, WORLD * width, waves=waves, slope=terrain.slope) * swing
    windows = None
    if place is Place.CITY:
        line, windows = skyline(line, depth, rng, unit, swing, palette.window)
    else:
        line = _shape(place, line, depth, rng, unit, swing)
    base = height * (terrain.horizon + terrain.drop * depth**1.15)
    colour = mix(palette.far, palette.near, near)
    return Ridge(
        line=line,
        base=base,
        depth=depth,
        crest=colour,
        foot=mix(palette.snow or colour, palette.horizon, 0.46 * (1 - depth) + 0.06),
        fade=height * (0.035 if palette.snow else 0.10),
        windows=windows,
    )


def shore_for(
    description: SceneDescription, palette: Palette, width: int, height: int, unit: float
) -> Ridge:
    """Return the ground in front: a street in a city, a bank or a beach beside water."""
    rng = description.rng("shore")
    flat = description.place is Place.CITY
    swing = 0.0 if flat else 7 * unit
    colour = mix(palette.snow or palette.near, palette.horizon, 0.10 if flat else 0.16)
    return Ridge(
        line=noise_line(rng, WORLD * width, waves=5, slope=3.0) * swing,
        base=height * SHORE,
        depth=1.0,
        crest=colour,
        foot=palette.snow or palette.near,
        fade=height * 0.12,
    )


def _shape(
    place: Place, line: Field, depth: float, rng: np.random.Generator, unit: float, swing: float
) -> Field:
    if place is Place.FOREST or (place is Place.LAKE and depth > 0.4):
        return np.asarray(line + _trees(len(line), depth, rng, unit))
    if place is Place.SPACE:
        # The edge of a world below: a wide, slow curve.
        curve = np.cos(np.arange(len(line)) * (4 * np.pi / len(line)))
        return np.asarray(line * 0.06 + curve * 2.2 * swing)
    if place is Place.SEA:
        return np.asarray(np.maximum(line, 0))
    if place is Place.LAKE:
        return np.asarray(np.maximum(line + swing * 0.6, 0))
    if place is Place.MOUNTAINS:
        # Sharper peaks than valleys, as ridges have.
        return np.asarray(np.float32(swing) * 1.6 - np.abs(line) * np.float32(1.5), np.float32)
    return line


def _trees(length: int, depth: float, rng: np.random.Generator, unit: float) -> Field:
    """Return conifers along a line: pointed, with ragged sides, of many heights."""
    size = (16 + 58 * depth) * unit
    line = np.zeros(length, dtype=np.float32)
    step = size * 0.30
    centre = 0.0
    while centre < length:
        tall = size * float(rng.uniform(0.55, 1.25))
        half = max(2, int(tall * 0.24))
        offsets = np.arange(-half, half + 1)
        share = np.abs(offsets) / half
        tiers = (share * 5) % 1.0 * 0.10
        shape = (tall * np.clip(1 - share - tiers * (share > 0.1), 0, 1)).astype(np.float32)
        places = (int(centre) + offsets) % length
        line[places] = np.maximum(line[places], shape)
        centre += step * float(rng.uniform(0.6, 1.9))
    return line
