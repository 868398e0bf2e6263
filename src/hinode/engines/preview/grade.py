"""Grade finished frames: brightness, contrast and colour by one table for each plane."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from hinode.engines.preview.direction import find_ideas
from hinode.engines.preview.planes import Plane, Planes
from hinode.engines.preview.words import Idea, Light, Tint, Weather


@dataclass(frozen=True, slots=True)
class Grade:
    """What becomes of each value. Luma from 0 to 1 is raised to ``gamma``, scaled and lifted.

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

    def after(self, other: Grade) -> Grade:
        """Both, roughly: this one on top of ``other``."""
        return Grade(
            self.gain * other.gain, self.lift + other.lift, self.gamma * other.gamma,
            self.saturation * other.saturation, self.blue + other.blue, self.red + other.red,
            self.steps or other.steps,
        )  # fmt: skip

    def part(self, share: float) -> Grade:
        """This grade at a share from 0 (nothing changes) to 1."""
        values = [
            getattr(NEUTRAL, field.name)
            + (getattr(self, field.name) - getattr(NEUTRAL, field.name)) * share
            for field in fields(Grade)
        ]
        return Grade(*values)


NEUTRAL = Grade()


class Grader:
    """A grade made into tables."""

    def __init__(self, grade: Grade) -> None:
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


_IDEAS: dict[Idea, Grade] = {
    Light.DAWN: Grade(gain=1.04, saturation=0.9, blue=-7, red=9, lift=0.02),
    Light.DAY: Grade(gain=1.12, gamma=0.92, saturation=1.15),
    Light.SUNSET: Grade(gain=0.92, saturation=1.15, blue=-24, red=20),
    Light.DUSK: Grade(gain=0.66, gamma=1.1, saturation=0.75, blue=12, red=5),
    Light.NIGHT: Grade(gain=0.42, gamma=1.15, saturation=0.5, blue=15, red=-6),
    Light.NEON: Grade(gain=0.72, gamma=1.2, saturation=1.5, blue=22, red=17),
    Light.OVERCAST: Grade(gain=0.86, gamma=0.95, saturation=0.5, blue=3, red=-2),
    Light.AUTUMN: Grade(saturation=1.1, blue=-17, red=13),
    Weather.SNOW: Grade(gain=0.98, lift=0.07, saturation=0.6, blue=6, red=-3),
    Weather.RAIN: Grade(gain=0.80, saturation=0.6, blue=5, red=-4),
    Weather.STORM: Grade(gain=0.60, saturation=0.45, blue=6, red=-4),
    Weather.FOG: Grade(gain=0.62, lift=0.30, saturation=0.4),
    Tint.RED: Grade(saturation=0.5, blue=-12, red=38),
    Tint.ORANGE: Grade(saturation=0.55, blue=-30, red=26),
    Tint.GOLD: Grade(saturation=0.6, blue=-32, red=12),
    Tint.GREEN: Grade(saturation=0.5, blue=-14, red=-24),
    Tint.BLUE: Grade(saturation=0.5, blue=38, red=-16),
    Tint.PURPLE: Grade(saturation=0.5, blue=28, red=18),
    Tint.PINK: Grade(saturation=0.6, lift=0.04, blue=6, red=28),
    Tint.WHITE: Grade(gain=0.9, lift=0.12, saturation=0.35),
    Tint.GREY: Grade(saturation=0.0),
    Tint.BLACK: Grade(gain=0.6, gamma=1.25, saturation=0.5),
    Tint.BROWN: Grade(gain=0.9, saturation=0.4, blue=-18, red=12),
}


def grade_for(prompt: str) -> Grade:
    """What a prompt asks of a picture that is already there: its light, weather and colours."""
    grade = NEUTRAL
    seen: set[type[Idea]] = set()
    for idea in find_ideas(prompt):
        if idea in _IDEAS and type(idea) not in seen:
            seen.add(type(idea))
            grade = _IDEAS[idea].after(grade)
    return grade
