"""Grade finished frames: brightness, contrast and colour by one table for each plane."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from hinode.engines.preview.drawing.planes import Plane, Planes
from hinode.engines.preview.scene.description import find_terms
from hinode.engines.preview.scene.terms import Light, SceneTerm, Tint, Weather


@dataclass(frozen=True, slots=True)
class ColourGrade:
    """A map of values. Luma from 0 to 1 is raised to ``gamma``, scaled and lifted.

    ``blue`` and ``red`` are added to the colour differences, in steps of 8 bits, after these are
    scaled by ``saturation``. With ``steps`` above 0, luma keeps that many values.
    """

    gain: float = 1.0
    lift: float = 0.0
    gamma: float = 1.0
    saturation: float = 1.0
    blue: float = 0.0
    red: float = 0.0
    steps: float = 0.0

    def combined_with(self, other: ColourGrade) -> ColourGrade:
        """Return both grades in one, roughly: this one on top of ``other``."""
        return ColourGrade(
            self.gain * other.gain, self.lift + other.lift, self.gamma * other.gamma,
            self.saturation * other.saturation, self.blue + other.blue, self.red + other.red,
            self.steps or other.steps,
        )  # fmt: skip

    def scaled(self, share: float) -> ColourGrade:
        """Return this grade at a share from 0 (nothing changes) to 1."""
        values = [
            getattr(NEUTRAL, field.name)
            + (getattr(self, field.name) - getattr(NEUTRAL, field.name)) * share
            for field in fields(ColourGrade)
        ]
        return ColourGrade(*values)


NEUTRAL = ColourGrade()


class Grader:
    """A grade made into tables."""

    def __init__(self, grade: ColourGrade) -> None:
        values = np.arange(256, dtype=np.float64)
        luma = np.clip((values - 16) / 219, 0, 1) ** grade.gamma * grade.gain + grade.lift
        if grade.steps >= 2:
            luma = np.round(np.clip(luma, 0, 1) * (grade.steps - 1)) / (grade.steps - 1)
        self._luma = _table(16 + 219 * luma, 16, 235)
        self._blue = _table(128 + (values - 128) * grade.saturation + grade.blue, 16, 240)
        self._red = _table(128 + (values - 128) * grade.saturation + grade.red, 16, 240)

    def apply(self, planes: Planes) -> None:
        """Change all three planes."""
        tables = (self._luma, self._blue, self._red)
        for plane, table in zip(planes.all(), tables, strict=True):
            _translate(plane, table)


def _table(values: np.ndarray[tuple[int], np.dtype[np.float64]], low: int, high: int) -> bytes:
    return np.clip(np.round(values), low, high).astype(np.uint8).tobytes()


def _translate(plane: Plane, table: bytes) -> None:
    # Twice as fast as indexing an array of 256 values.
    plane[:] = np.frombuffer(plane.tobytes().translate(table), np.uint8).reshape(plane.shape)


_TERM_GRADES: dict[SceneTerm, ColourGrade] = {
    Light.DAWN: ColourGrade(gain=1.04, saturation=0.9, blue=-7, red=9, lift=0.02),
    Light.DAY: ColourGrade(gain=1.12, gamma=0.92, saturation=1.15),
    Light.SUNSET: ColourGrade(gain=0.92, saturation=1.15, blue=-24, red=20),
    Light.DUSK: ColourGrade(gain=0.66, gamma=1.1, saturation=0.75, blue=12, red=5),
    Light.NIGHT: ColourGrade(gain=0.42, gamma=1.15, saturation=0.5, blue=15, red=-6),
    Light.NEON: ColourGrade(gain=0.72, gamma=1.2, saturation=1.5, blue=22, red=17),
    Light.OVERCAST: ColourGrade(gain=0.86, gamma=0.95, saturation=0.5, blue=3, red=-2),
    Light.AUTUMN: ColourGrade(saturation=1.1, blue=-17, red=13),
    Weather.SNOW: ColourGrade(gain=0.98, lift=0.07, saturation=0.6, blue=6, red=-3),
    Weather.RAIN: ColourGrade(gain=0.80, saturation=0.6, blue=5, red=-4),
    Weather.STORM: ColourGrade(gain=0.60, saturation=0.45, blue=6, red=-4),
    Weather.FOG: ColourGrade(gain=0.62, lift=0.30, saturation=0.4),
    Tint.RED: ColourGrade(saturation=0.5, blue=-12, red=38),
    Tint.ORANGE: ColourGrade(saturation=0.55, blue=-30, red=26),
    Tint.GOLD: ColourGrade(saturation=0.6, blue=-32, red=12),
    Tint.GREEN: ColourGrade(saturation=0.5, blue=-14, red=-24),
    Tint.BLUE: ColourGrade(saturation=0.5, blue=38, red=-16),
    Tint.PURPLE: ColourGrade(saturation=0.5, blue=28, red=18),
    Tint.PINK: ColourGrade(saturation=0.6, lift=0.04, blue=6, red=28),
    Tint.WHITE: ColourGrade(gain=0.9, lift=0.12, saturation=0.35),
    Tint.GREY: ColourGrade(saturation=0.0),
    Tint.BLACK: ColourGrade(gain=0.6, gamma=1.25, saturation=0.5),
    Tint.BROWN: ColourGrade(gain=0.9, saturation=0.4, blue=-18, red=12),
}


def grade_for(prompt: str) -> ColourGrade:
    """Return the grade of a prompt for an existing picture: light, weather, colours."""
    grade = NEUTRAL
    seen: set[type[SceneTerm]] = set()
    for term in find_terms(prompt):
        if term in _TERM_GRADES and type(term) not in seen:
            seen.add(type(term))
            grade = _TERM_GRADES[term].combined_with(grade)
    return grade
