"""The sway and shake of a camera in the hand: the whole frame is moved, its edges mirrored."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hinode.engines.base import Style
from hinode.engines.preview.drawing.planes import Planes

# How far at most in units of 1/720 of the short side, and how quickly.
SHAKES: dict[Style, tuple[float, float]] = {Style.HANDHELD: (15, 1.0), Style.SELFIE: (9, 0.45)}


class Shake:
    """Moves every frame by a smooth way of its own, by even numbers of pixels."""

    def __init__(self, shake: tuple[float, float], unit: float) -> None:
        self._reach, self._pace = shake[0] * unit, shake[1]

    def apply(self, planes: Planes, seconds: float) -> None:
        """Move all planes; nothing moves at the very beginning."""
        time = seconds * self._pace
        grown = min(1.0, seconds * 2) * self._reach
        x = grown * (0.62 * math.sin(time * 5.3) + 0.38 * math.sin(time * 12.7))
        y = grown * (0.58 * math.sin(time * 6.7) + 0.42 * math.sin(time * 15.1))
        right, down = round(x / 2), round(y / 2)
        if right or down:
            for plane, step in zip(planes.all(), (2, 1, 1), strict=True):
                rows = _mirrored(plane.shape[0], down * step)
                plane[:] = plane.take(rows, axis=0).take(
                    _mirrored(plane.shape[1], right * step), axis=1
                )


def _mirrored(length: int, shift: int) -> npt.NDArray[np.intp]:
    """Return where each row or column comes from when the plane moves by ``shift``."""
    index = np.abs(np.arange(length) - shift)
    return np.clip(np.where(index >= length, 2 * length - 2 - index, index), 0, length - 1)
