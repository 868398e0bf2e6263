"""Many small patches of pixels blended at once: windows, snowflakes, sparks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hinode.engines.preview.drawing.noise import Field
from hinode.engines.preview.drawing.planes import Plane


@dataclass(frozen=True, slots=True)
class PixelPatches:
    """Patches of one plane: their rows, columns and cover (0..1), broadcast to one shape."""

    rows: npt.NDArray[np.intp]
    columns: npt.NDArray[np.intp]
    cover: Field

    def blend(self, plane: Plane, value: float) -> None:
        """Blend one value into the plane; where patches overlap, the last one is seen."""
        under = plane[self.rows, self.columns].astype(np.float32)
        change = np.float32(value) - under
        change *= self.cover
        under += change
        under += np.float32(0.5)
        plane[self.rows, self.columns] = under


def fraction(values: Field) -> Field:
    """Return the part behind the point, as float32."""
    return np.asarray(values - np.floor(values), dtype=np.float32)
