"""Outlines: dark outlines where the picture has edges, and the dots of printed shades."""

from __future__ import annotations

import numpy as np

from hinode.engines.preview.drawing.planes import Plane, Planes
from hinode.engines.preview.styles.effects import Effect


class Outlines:
    """Outlines. What :meth:`detector` sees early in a look is drawn at this effect's own place."""

    def __init__(self, unit: float, *, heavy: bool) -> None:
        self._reach = max(1, round((2.2 if heavy else 1.2) * unit))
        self._threshold = 14 if heavy else 18
        self._heavy = heavy
        self._lines: Plane | None = None

    def detector(self) -> Effect:
        """Return the effect that looks for edges and leaves the frame as it is."""
        return _OutlineDetector(self)

    def detect(self, y: Plane) -> None:
        """Keep where neighbours differ: 255 for a line, 0 for none."""
        reach = self._reach
        lines = np.zeros(y.shape, dtype=np.uint8)
        if min(y.shape) > reach:
            lines[reach:] = _differs(y[reach:], y[:-reach], self._threshold)
            across = _differs(y[:, reach:], y[:, :-reach], self._threshold)
            lines[:, reach:] |= across
        self._lines = lines

    def apply(self, planes: Planes, seconds: float) -> None:
        """Draw the lines: black in a comic, half dark in an anime."""
        if self._lines is None:
            return
        if self._heavy:
            planes.y[:] &= ~self._lines
            np.maximum(planes.y, 16, out=planes.y)
        else:
            planes.y[:] -= (planes.y >> 1) & self._lines
            np.maximum(planes.y, 16, out=planes.y)


class _OutlineDetector:
    """The first half of :class:`Outlines`."""

    def __init__(self, outlines: Outlines) -> None:
        self._outlines = outlines

    def apply(self, planes: Planes, seconds: float) -> None:
        self._outlines.detect(planes.y)


def _differs(one: Plane, other: Plane, threshold: int) -> Plane:
    difference = np.maximum(one, other) - np.minimum(one, other)
    return np.negative((difference > threshold).view(np.uint8))


class Halftone:
    """Round dots in the darker shades, larger the darker it is."""

    def __init__(self, width: int, height: int, unit: float) -> None:
        step = max(4, round(10 * unit))
        rows, columns = np.mgrid[0:height, 0:width]
        turn = np.pi / step
        wave = np.cos((columns + rows) * turn) * np.cos((columns - rows) * turn)
        self._levels = (100 + 75 * wave).astype(np.uint8)

    def apply(self, planes: Planes, seconds: float) -> None:
        """Darken every pixel that is below its level."""
        dots = np.negative((planes.y < self._levels).view(np.uint8))
        planes.y[:] -= (planes.y >> 2) & dots
        np.maximum(planes.y, 16, out=planes.y)
