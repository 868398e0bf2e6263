"""Hills, mountains, trees, dunes and roofs: layers in depth, each one line and one gradient.

A layer is a height for every place along the world. Each frame the line is sampled where the
camera stands, to a fraction of a pixel, so slow moves never stutter; pixels that the line
crosses are blended by how much of them lies below it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hinode.engines.preview.drawing.noise import Field, take_line
from hinode.engines.preview.drawing.planes import Plane, Planes, yuv
from hinode.engines.preview.scene.camera import CameraView
from hinode.engines.preview.scene.city import LayerView, Windows, draw_windows
from hinode.engines.preview.scene.palette import RGB


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

    def base(self, index: int, view: CameraView) -> float:
        """Return the row of a layer's base under this view."""
        layer = self._layers[index]
        centre = self._height * 0.56
        scale = 1 + (self._scale(layer, view) - 1) * 0.6
        return centre + (layer.base - centre) * scale + view.y * (0.12 + 0.88 * layer.depth)

    def _top(self, index: int, view: CameraView) -> Field:
        """Return the row of the line at every column for one layer, in pixels from the top."""
        layer, scale = self._layers[index], self._scale(self._layers[index], view)
        world = (self._columns - self._width / 2) / np.float32(scale)
        world += np.float32(self._middle(layer, view))
        return np.asarray(self.base(index, view) - take_line(layer.line, world) * scale)

    def _scale(self, layer: Ridge, view: CameraView) -> float:
        return 1 + (view.zoom - 1) * (0.25 + 0.75 * layer.depth)

    def _middle(self, layer: Ridge, view: CameraView) -> float:
        """Return the world column in the middle of the frame."""
        near = 0.06 + 0.94 * layer.depth * math.sqrt(layer.depth)
        # Turning around the subject moves what is behind it the other way.
        return view.x * near - view.parallax * (1 - layer.depth) + len(layer.line) / 2

    def draw(self, planes: Planes, view: CameraView) -> None:
        """Draw all layers; a layer ends where the next one hides it."""
        tops = [self._top(index, view) for index in range(len(self._layers))]
        for index, top in enumerate(tops):
            hidden = self._floor
            if index + 1 < len(tops):
                hidden = min(hidden, int(tops[index + 1].max()) + 1)
            shift = round(self.base(index, view) - self._layers[index].base)
            self._paints[index].fill(planes, top, hidden, shift)
            self._light(planes, self._layers[index], self.base(index, view), hidden, view)

    def _light(
        self, planes: Planes, layer: Ridge, base: float, hidden: int, view: CameraView
    ) -> None:
        if layer.windows is not None:
            middle, scale = self._middle(layer, view), self._scale(layer, view)
            layer_view = LayerView(middle, scale, base, hidden, len(layer.line))
            draw_windows(planes, layer.windows, layer_view)


class _Paint:
    """The row colours of one layer, long enough for every shift of its base."""

    def __init__(self, layer: Ridge, height: int) -> None:
        self._margin = height + height % 2
        rows = np.arange(-self._margin, height + self._margin, dtype=np.float32)
        crest = layer.base - float(layer.line.max())
        span = max(1.0, layer.base + layer.fade - crest)
        share = np.clip((rows - crest) / span, 0, 1)
        # Rounding up and down in turn hides the steps of a slow gradient.
        dither = np.where(np.arange(len(rows)) % 4 < 2, 0.25, 0.75)
        self._colours = [
            np.asarray(np.interp(share, (0.0, 1.0), (one, other)) + dither, dtype=np.uint8)
            for one, other in zip(yuv(layer.crest), yuv(layer.foot), strict=True)
        ]

    def fill(self, planes: Planes, top: Field, floor: int, shift: int) -> None:
        """Fill everything from the line ``top`` down to the row ``floor``."""
        start = self._margin - shift
        y, u, v = (colours[start:] for colours in self._colours)
        edge = _Edge(top, min(floor, len(planes.y)))
        edge.fill(planes.y, y)
        half = _Edge(top[::2] / 2, min(-(-floor // 2), len(planes.u)))
        half.fill(planes.u, u[::2])
        half.fill(planes.v, v[::2])


class _Edge:
    """The pixels below a line, for planes of one size.

    Whole pixels are chosen with bit masks, which is several times faster than blending them;
    only the one pixel of each column that the line cuts is blended.
    """

    def __init__(self, top: Field, floor: int) -> None:
        self._floor = floor
        edge = np.floor(np.minimum(np.maximum(top, -1), floor)).astype(np.int16)
        highest, lowest = int(edge.min()), int(edge.max())
        self._first = min(floor, max(0, highest))
        self._last = min(floor, lowest + 1)
        rows = np.arange(self._first, self._last, dtype=np.int16)
        self._below = np.negative((rows[:, None] > edge).view(np.uint8))
        column = np.arange(len(edge))
        if highest < 0 or lowest >= floor:
            column = np.flatnonzero((edge >= 0) & (edge < floor))
            edge, top = edge[column], top[column]
        self._column, self._row = column, edge.astype(np.intp)
        self._cover = edge + 1 - top

    def fill(self, plane: Plane, colours: Plane) -> None:
        """Paint a plane below the line; ``colours`` has one value for each of its rows."""
        row, column = self._row, self._column
        under = plane[row, column].astype(np.float32)
        cut = under + (colours[row] - under) * self._cover + np.float32(0.5)
        band = plane[self._first : self._last]
        change = band ^ colours[self._first : self._last, None]
        change &= self._below
        band ^= change
        plane[row, column] = cut
        plane[self._last : self._floor] = colours[self._last : self._floor, None]
