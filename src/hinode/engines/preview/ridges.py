"""Hills, mountains, trees, dunes and roofs: layers in depth, each one line and one gradient.

A layer is a height for every place along the world. Each frame the line is sampled where the
camera stands, to a fraction of a pixel, so slow moves never stutter; pixels that the line
crosses are blended by how much of them lies below it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hinode.engines.preview.camera import View
from hinode.engines.preview.city import Windows, draw_windows
from hinode.engines.preview.noise import Field, take_line
from hinode.engines.preview.palette import RGB
from hinode.engines.preview.planes import Plane, Planes, yuv


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
    windows: Windows | None = None


class Ridges:
    """Draws layers from far to near over a frame of a fixed size."""

    def __init__(self, layers: list[Ridge], width: int, height: int, floor: int) -> None:
        self._layers = layers
        self._width, self._height, self._floor = width, height, floor
        self._columns = np.arange(width, dtype=np.float32) + np.float32(0.5)
        self._paints = [_Paint(layer, height) for layer in layers]

    def base(self, index: int, view: View) -> float:
        """The row of a layer's base under this view."""
        layer = self._layers[index]
        centre = self._height * 0.56
        scale = 1 + (self._scale(layer, view) - 1) * 0.6
        return centre + (layer.base - centre) * scale + view.rise * (0.12 + 0.88 * layer.depth)

    def _top(self, index: int, view: View) -> Field:
        """The row of the line at every column for one layer, in pixels from the top."""
        layer, scale = self._layers[index], self._scale(self._layers[index], view)
        world = (self._columns - self._width / 2) / np.float32(scale)
        world += np.float32(self._middle(layer, view))
        return np.asarray(self.base(index, view) - take_line(layer.line, world) * scale)

    def _scale(self, layer: Ridge, view: View) -> float:
        return 1 + (view.zoom - 1) * (0.25 + 0.75 * layer.depth)

    def _middle(self, layer: Ridge, view: View) -> float:
        """The world column in the middle of the frame."""
        near = 0.06 + 0.94 * layer.depth**1.5
        # Turning around the subject moves what is behind it the other way.
        return view.x * near - view.turn * (1 - layer.depth) + len(layer.line) / 2

    def draw(self, planes: Planes, view: View) -> None:
        """Draw all layers; a layer ends where the next one hides it."""
        tops = [self._top(index, view) for index in range(len(self._layers))]
        for index, top in enumerate(tops):
            hidden = self._floor
            if index + 1 < len(tops):
                hidden = min(hidden, int(tops[index + 1].max()) + 1)
            shift = round(self.base(index, view) - self._layers[index].base)
            self._paints[index].fill(planes, top, hidden, shift)
            self._light_windows(planes, index, view)

    def _light_windows(self, planes: Planes, index: int, view: View) -> None:
        layer = self._layers[index]
        if layer.windows is not None:
            draw_windows(
                planes,
                layer.windows,
                middle=self._middle(layer, view),
                scale=self._scale(layer, view),
                base=self.base(index, view),
                length=len(layer.line),
            )


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
    if first < last:
        _cross(plane[first:last], top - first, colours[first:last])
    if last < floor:
        turns = dither[np.arange(last, floor) % 2]
        pair = (colours[last:floor, None] + turns).astype(np.uint8)
        plane[last:floor, 0::2] = pair[:, :1]
        plane[last:floor, 1::2] = pair[:, 1:]


def _cross(band: Plane, top: Field, colours: Field) -> None:
    """Paint rows that the line crosses. ``top`` is relative to the band's first row.

    Whole pixels are chosen with bit masks, which is several times faster than blending them;
    only the one pixel of each column that the line cuts is blended.
    """
    edge = np.floor(top).astype(np.int16)
    rows = np.arange(len(band), dtype=np.int16)[:, None]
    mask = np.negative((rows > edge).view(np.uint8))
    paint = (colours + np.float32(0.5)).astype(np.uint8)
    mask &= band ^ paint[:, None]
    cut = np.flatnonzero((edge >= 0) & (edge < len(band)))
    row = edge[cut]
    cover = (row + 1) - top[cut]
    under = band[row, cut]
    blended = under + (colours[row] - under) * cover + np.float32(0.5)
    band ^= mask
    band[row, cut] = blended
