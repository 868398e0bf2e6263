"""Draw figures from tapered strokes: discs along a path, larger or smaller from end to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import ImageDraw

from hinode.engines.preview.scene.palette import RGB

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Coat:
    """The colours of a figure: body, the parts in shade, light parts, dark details, limbs."""

    body: RGB
    shade: RGB
    light: RGB
    dark: RGB
    limb: RGB
    limb_shade: RGB


class Brush:
    """Draws in units of the figure's own size: x to the right, y up, (0, 0) at bottom left."""

    def __init__(self, draw: ImageDraw.ImageDraw, scale: float, height: float) -> None:
        self._draw, self._scale, self._height = draw, scale, height

    def stroke(self, path: Sequence[Point], widths: Sequence[float], colour: RGB) -> None:
        """A stroke through the points of ``path``; ``widths`` are radii, one per point."""
        for (start, end), (thick, thin) in zip(pairwise(path), pairwise(widths), strict=True):
            count = self._count(start, end, min(thick, thin))
            for step in range(count + 1):
                part = step / count
                x, y = (a + (b - a) * part for a, b in zip(start, end, strict=True))
                self.disc((x, y), thick + (thin - thick) * part, colour)

    def disc(self, at: Point, radius: float, colour: RGB) -> None:
        """A filled circle."""
        x, y = self._place(at)
        self._draw.circle((x, y), max(0.5, radius * self._scale), fill=(*colour, 255))

    def shape(self, points: Sequence[Point], colour: RGB) -> None:
        """A filled polygon."""
        self._draw.polygon([self._place(point) for point in points], fill=(*colour, 255))

    def oval(self, low: Point, high: Point, colour: RGB, alpha: int = 255) -> None:
        """A filled ellipse inside the box between two corners."""
        (left, bottom), (right, top) = self._place(low), self._place(high)
        self._draw.ellipse((left, top, right, bottom), fill=(*colour, alpha))

    def _place(self, at: Point) -> Point:
        return at[0] * self._scale, (self._height - at[1]) * self._scale

    def _count(self, start: Point, end: Point, radius: float) -> int:
        length = abs(end[0] - start[0]) + abs(end[1] - start[1])
        return max(1, min(60, int(length / max(radius * 0.35, 0.006))))
