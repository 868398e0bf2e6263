"""Hills, mountains, trees, dunes and roofs: layers in depth, each one line and one gradient.

A layer is a height for every place along the world. Each frame the line is sampled where the
camera stands, to a fraction of a pixel, so slow moves never stutter; pixels that the line
crosses are blended by how much of them lies below it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hinode.engines.preview.camera import View
from hinode.engines.preview.noise import Field, take_line
from hinode.engines.preview.palette import RGB
from hinode.engines.preview.planes import Plane, Planes, yuv

# Fixed-point steps of coverage: products with 8-bit colours stay inside 16 bits.
STEPS = 64
MAX_BAND = 32_000 // STEPS


@dataclass(frozen=True, slots=True)
class Ridge:
    """One layer. ``line`` is the height above ``base`` in pixels, one value per world pixel.

    ``depth`` is 0 for the horizon and 1 for the nearest layer; it rules parallax and zoom.
    ``crest`` colours the top of the layer, ``foot`` the rows ``fade`` pixels under the base.
    """

    line: Field
    base: float
    depth: float
    crest: RGB
    foot: RGB
    fade: float


class Ridges:
    """Draws layers from far to near over a frame of a fixed size."""

    def __init__(self, layers: list[Ridge], width: int, height: int, floor: int) -> None:
        self._layers = layers
        self._width, self._height, self._floor = width, height, floor
        self._columns = np.arange(width, dtype=np.float32) + np.float32(0.5)
        self._paints = [_Paint(layer, height) for layer in layers]

    def tops(self, index: int, view: View) -> Field:
        """The row of the line at every column for one layer, in pixels from the top."""
        layer = self._layers[index]
        scale = 1 + (view.zoom - 1) * (0.25 + 0.75 * layer.depth)
        near = 0.06 + 0.94 * layer.depth**1.5
        # Turning around the subject moves what is behind it the other way.
        middle = view.x * near - view.turn * (1 - layer.depth) + len(layer.line) / 2
        world = (self._columns - self._width / 2) / np.float32(scale) + np.float32(middle)
        base = self.base(index, view)
        return np.asarray(base - take_line(layer.line, world) * np.float32(scale), np.float32)

    def base(self, index: int, view: View) -> float:
        """The row of a layer's base under this view."""
        layer = self._layers[index]
        centre = self._height * 0.56
        scale = 1 + (view.zoom - 1) * (0.25 + 0.75 * layer.depth) * 0.6
        return centre + (layer.base - centre) * scale + view.rise * (0.12 + 0.88 * layer.depth)

    def draw(self, planes: Planes, view: View) -> None:
        """Draw all layers; a layer ends where the next one hides it."""
        tops = [self.tops(index, view) for index in range(len(self._layers))]
        for index, top in enumerate(tops):
            hidden = self._floor
            if index + 1 < len(tops):
                hidden = min(hidden, int(tops[index + 1].max()) + 1)
            shift = round(self.base(index, view) - self._layers[index].base)
            self._paints[index].fill(planes, top, hidden, shift)


class _Paint:
    """The row colours of one layer, long enough for every shift of its base."""

    def __init__(self, layer: Ridge, height: int) -> None:
        self._margin = height
        rows = np.arange(-self._margin, height + self._margin, dtype=np.float32)
        crest = layer.base - float(layer.line.max())
        span = max(1.0, layer.base + layer.fade - crest)
        share = np.clip((rows - crest) / span, 0, 1)
        self._colours = [
            np.interp(share, (0.0, 1.0), (one, other)).astype(np.float32)
            for one, other in zip(yuv(layer.crest), yuv(layer.foot), strict=True)
        ]
        # Ordered dither along the row hides the bands of the slow gradient.
        self._dither = np.array([[0.125, 0.625], [0.875, 0.375]], dtype=np.float32)

    def fill(self, planes: Planes, top: Field, floor: int, shift: int) -> None:
        """Fill everything from the line ``top`` down to the row ``floor``."""
        start = self._margin - shift
        for plane, colours, step in zip(planes.all(), self._colours, (1, 2, 2), strict=True):
            rows = colours[start : start + plane.shape[0] * step : step]
            _fill(plane, top[::step] / step, -(-floor // step), rows, self._dither)


def _fill(plane: Plane, top: Field, floor: int, colours: Field, dither: Field) -> None:
    floor = min(floor, len(plane))
    first = max(0, int(np.floor(top.min())))
    last = min(floor, max(first, int(np.ceil(top.max())) + 1))
    for start in range(first, last, MAX_BAND):
        _cross(plane[start : min(last, start + MAX_BAND)], top - start, colours[start:])
    if last < floor:
        turns = dither[np.arange(last, floor) % 2]
        pair = (colours[last:floor, None] + turns).astype(np.uint8)
        plane[last:floor, 0::2] = pair[:, :1]
        plane[last:floor, 1::2] = pair[:, 1:]


def _cross(band: Plane, top: Field, colours: Field) -> None:
    """Blend rows that the line crosses. ``top`` is relative to the band's first row."""
    rows = (np.arange(1, len(band) + 1, dtype=np.int16) * STEPS)[:, None]
    edge = np.clip(top * STEPS, -STEPS, (len(band) + 1) * STEPS).astype(np.int16)
    cover = rows - edge
    np.minimum(cover, STEPS, out=cover)
    np.maximum(cover, 0, out=cover)
    paint = (colours[: len(band), None] + np.float32(0.5)).astype(np.int16)
    mixed = band.astype(np.int16)
    difference = paint - mixed
    difference *= cover
    difference += STEPS // 2
    difference >>= 6
    mixed += difference
    band[:] = mixed
