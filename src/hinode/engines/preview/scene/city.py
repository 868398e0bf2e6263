"""City blocks: roofs as a ridge line, and lit windows that move with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hinode.engines.preview.drawing.noise import Field
from hinode.engines.preview.drawing.patches import PixelPatches, fraction
from hinode.engines.preview.drawing.planes import Planes, yuv
from hinode.engines.preview.scene.palette import RGB

# A window spreads over this many pixels at most, each way.
CELL = 8


@dataclass(frozen=True, slots=True)
class Windows:
    """Lit windows of one layer: left edge and top above the base in world pixels, and sizes."""

    x: Field
    top: Field
    width: float
    height: float
    light: Field
    colour: RGB


def skyline(
    line: Field, depth: float, rng: np.random.Generator, unit: float, swing: float, colour: RGB
) -> tuple[Field, Windows]:
    """Turn a noise line into roofs; buildings are taller where the line is high."""
    length = len(line)
    roofs = np.zeros(length, dtype=np.float32)
    places: list[npt.NDArray[np.float64]] = []
    at = 0
    while at < length:
        wide = int((30 + 50 * depth) * unit * float(rng.uniform(0.6, 1.6))) + 3
        grown = min(3.0, float(rng.gamma(2.4, 0.55)))
        tall = max(0.2 * swing, float(line[at]) * 0.5 + swing * grown)
        roofs[at : at + wide] = tall
        _top_off(roofs, at, wide, rng, unit, swing)
        # The farther blocks are too hazy for their windows to be seen.
        if depth > 0.5:
            places.append(_windows(at, wide, tall, depth, rng, unit))
        at += wide + int(float(rng.integers(0, 3)) * 2 * unit)
    found = np.concatenate([np.empty((0, 2)), *places]).astype(np.float32)
    size = _window_size(depth, unit)
    lit = rng.uniform(0.35, 1.0, len(found)).astype(np.float32) * np.float32(0.35 + 0.6 * depth)
    return roofs, Windows(found[:, 0], found[:, 1], size[0], size[1], lit, colour)


@dataclass(frozen=True, slots=True)
class LayerView:
    """The position of a layer in the frame.

    ``middle`` is the world column in the middle of the frame, ``base`` the row of the layer's
    foot, ``hidden`` the row from which nearer layers hide it, ``length`` that of the world.
    """

    middle: float
    scale: float
    base: float
    hidden: int
    length: int


def draw_windows(planes: Planes, windows: Windows, layer_view: LayerView) -> None:
    """Blend the windows that are in view."""
    if not len(windows.x):
        return
    half = planes.y.shape[1] / 2
    offset = (
        windows.x - layer_view.middle + layer_view.length / 2
    ) % layer_view.length - layer_view.length / 2
    top = layer_view.base - windows.top * layer_view.scale
    seen = (np.abs(offset) * layer_view.scale < half) & (top < layer_view.hidden)
    left, top, light = offset[seen] * layer_view.scale + half, top[seen], windows.light[seen]
    size = windows.width * layer_view.scale, windows.height * layer_view.scale
    y, u, v = yuv(windows.colour)
    _window_patches(planes.y.shape, left, top, size, light).blend(planes.y, y)
    chroma = _window_patches(planes.u.shape, left / 2, top / 2, (size[0] / 2, size[1] / 2), light)
    chroma.blend(planes.u, u)
    chroma.blend(planes.v, v)


def _window_patches(
    shape: tuple[int, ...], left: Field, top: Field, size: tuple[float, float], light: Field
) -> PixelPatches:
    across, down = (min(CELL, int(np.ceil(part)) + 1) for part in size)
    column, row = np.floor(left).astype(np.intp), np.floor(top).astype(np.intp)
    seen = (column >= 0) & (column < shape[1] - across) & (row >= 0) & (row < shape[0] - down)
    cover_x = _share(fraction(left[seen]), size[0], across)
    cover_y = _share(fraction(top[seen]), size[1], down) * light[seen, None]
    return PixelPatches(
        row[seen, None, None] + np.arange(down)[:, None],
        column[seen, None, None] + np.arange(across),
        cover_y[:, :, None] * cover_x[:, None, :],
    )


def _share(start: Field, size: float, count: int) -> Field:
    """Return how much of each of ``count`` pixels lies between ``start`` and ``start + size``."""
    pixel = np.arange(count, dtype=np.float32)[None, :]
    end = np.minimum(pixel + 1, start[:, None] + size)
    return np.asarray(np.clip(end - np.maximum(pixel, start[:, None]), 0, 1), dtype=np.float32)


def _top_off(
    roofs: Field, at: int, wide: int, rng: np.random.Generator, unit: float, swing: float
) -> None:
    if rng.random() < 0.3:
        inset = wide // 4
        roofs[at + inset : at + wide - inset] += swing * 0.24
    if rng.random() < 0.14:
        mast = at + wide // 2
        roofs[mast : mast + max(1, round(1.6 * unit))] += swing * 0.6


def _window_size(depth: float, unit: float) -> tuple[float, float]:
    return max(1.0, (1.6 + 2.6 * depth) * unit), max(1.2, (2.2 + 3.6 * depth) * unit)


def _windows(
    at: int, wide: int, tall: float, depth: float, rng: np.random.Generator, unit: float
) -> npt.NDArray[np.float64]:
    size = _window_size(depth, unit)
    across, down = size[0] * 2.5, size[1] * 2.0
    columns = np.arange(at + size[0] * 1.2, at + wide - size[0] * 1.6, across)
    rows = np.arange(tall - size[1], -tall * 0.2, -down)
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    return grid[rng.random(len(grid)) < float(rng.uniform(0.08, 0.30))]
