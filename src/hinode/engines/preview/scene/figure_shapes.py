"""People and things: a walker, birds, a boat, a car, a balloon, a rocket."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from hinode.engines.preview.drawing.brush import Brush, Coat, Point
from hinode.engines.preview.scene.palette import RGB
from hinode.engines.preview.scene.terms import Subject

Painter = Callable[[Brush, Coat, float], None]


@dataclass(frozen=True, slots=True)
class FigureShape:
    """A figure that is not an animal: its canvas in units, its own colour, how it is drawn."""

    box: tuple[float, float]
    body: RGB
    light: RGB
    paint: Painter


def _person(brush: Brush, coat: Coat, phase: float) -> None:
    bounce = 0.012 * math.cos(4 * math.pi * phase)
    hip, neck = (0.5, 0.50 + bounce), (0.515, 0.80 + bounce)
    for turn, leg, sleeve in ((0.5, coat.dark, coat.shade), (0.0, coat.dark, coat.body)):
        swing = math.sin(2 * math.pi * (phase + turn))
        lift = max(0.0, math.cos(2 * math.pi * (phase + turn))) * 0.07
        foot = (0.5 + 0.17 * swing, 0.03 + lift)
        knee = ((hip[0] + foot[0]) / 2 + 0.035, (hip[1] + foot[1]) / 2)
        brush.stroke((hip, knee, foot), (0.058, 0.045, 0.032), leg)
        brush.stroke((foot, (foot[0] + 0.06, foot[1] - 0.008)), (0.030, 0.022), leg)
        if turn:
            brush.stroke((hip, (0.51, 0.66 + bounce), neck), (0.082, 0.088, 0.066), coat.body)
        hand = (0.515 - 0.13 * swing, 0.50 + bounce + 0.02 * abs(swing))
        elbow = ((neck[0] + hand[0]) / 2 - 0.03, 0.64 + bounce)
        arm = (neck[0] - 0.005, neck[1] - 0.03)
        brush.stroke((arm, elbow, hand), (0.042, 0.036, 0.028), sleeve)
    brush.stroke((neck, (0.525, 0.885 + bounce)), (0.036, 0.036), coat.light)
    brush.disc((0.530, 0.925 + bounce), 0.068, coat.light)
    brush.stroke(((0.500, 0.925 + bounce), (0.508, 0.965 + bounce)), (0.040, 0.036), coat.dark)
    brush.stroke(((0.508, 0.968 + bounce), (0.560, 0.972 + bounce)), (0.034, 0.026), coat.dark)


def _birds(brush: Brush, coat: Coat, phase: float) -> None:
    flock = ((1.55, 0.95, 1.0), (0.85, 1.25, 0.62), (0.55, 0.62, 0.55), (2.35, 0.55, 0.5))
    for index, (x, y, size) in enumerate(flock):
        _bird(brush, coat, (x, y), size, phase + 0.23 * index)


def _bird(brush: Brush, coat: Coat, at: Point, size: float, phase: float) -> None:
    flap = math.sin(2 * math.pi * phase)
    x, y = at[0], at[1] - 0.05 * flap * size
    for side, colour in ((0.75, coat.shade), (-1.0, coat.body)):
        elbow = (x + 0.02 * size + 0.20 * side * size, y + (0.16 + 0.20 * flap) * size)
        tip = (x - 0.06 * size + 0.52 * side * size, y + (0.02 + 0.42 * flap) * size)
        radii = (0.062 * size, 0.048 * size, 0.008)
        brush.stroke(((x, y + 0.02 * size), elbow, tip), radii, colour)
    tail, beak = (x - 0.30 * size, y - 0.03 * size), (x + 0.26 * size, y + 0.045 * size)
    brush.stroke((tail, (x, y), beak), (0.014, 0.070 * size, 0.028 * size), coat.body)
    brush.disc((x + 0.20 * size, y + 0.045 * size), 0.048 * size, coat.light)


def _boat(brush: Brush, coat: Coat, phase: float) -> None:
    lean = 0.025 * math.sin(2 * math.pi * phase)
    mast = (0.92 + 1.55 * lean, 1.62)
    brush.stroke(((0.92, 0.2), mast), (0.017, 0.011), coat.dark)
    brush.shape(
        ((0.96 + lean, 0.36), (0.97 + lean * 1.5, 1.58), (1.30 + lean, 0.90), (1.52 + lean, 0.38)),
        coat.light,
    )
    brush.shape(((0.88 + lean, 0.38), (0.90 + lean * 1.5, 1.44), (0.42 + lean, 0.42)), coat.shade)
    hull = ((0.18, 0.30), (1.76, 0.33), (1.55, 0.06), (0.40, 0.05))
    brush.shape(hull, coat.body)
    brush.stroke(((0.19, 0.30), (1.75, 0.33)), (0.022, 0.022), coat.light)


def _car(brush: Brush, coat: Coat, phase: float) -> None:
    brush.shape(
        ((0.62, 0.46), (0.88, 0.76), (1.42, 0.76), (1.74, 0.46)), coat.body
    )  # fmt: skip
    brush.shape(((0.74, 0.49), (0.93, 0.71), (1.13, 0.71), (1.13, 0.49)), coat.light)
    brush.shape(((1.19, 0.49), (1.19, 0.71), (1.39, 0.71), (1.60, 0.49)), coat.light)
    brush.stroke(((0.30, 0.36), (0.60, 0.40), (1.76, 0.40), (2.10, 0.34)), (0.12,) * 4, coat.body)
    brush.stroke(((0.26, 0.25), (2.14, 0.25)), (0.05, 0.05), coat.shade)
    for x in (0.68, 1.72):
        brush.disc((x, 0.20), 0.195, coat.dark)
        brush.disc((x, 0.20), 0.100, coat.light)
        for spoke in range(5):
            turn = -2 * math.pi * (phase + spoke) / 5
            end = (x + 0.085 * math.cos(turn), 0.20 + 0.085 * math.sin(turn))
            brush.stroke(((x, 0.20), end), (0.014, 0.014), coat.dark)
    brush.disc((2.17, 0.39), 0.045, (255, 244, 196))
    brush.disc((0.20, 0.40), 0.035, (224, 60, 48))


def _balloon(brush: Brush, coat: Coat, phase: float) -> None:
    sway = 0.02 * math.sin(2 * math.pi * phase)
    middle = 0.62 + sway
    brush.stroke(((middle, 1.20), (middle, 0.62)), (0.56, 0.17), coat.body)
    for wide, colour in ((0.40, coat.light), (0.24, coat.body), (0.09, coat.light)):
        brush.oval((middle - wide, 0.64), (middle + wide, 1.755), colour)
    brush.stroke(((middle, 0.55), (middle, 0.50)), (0.16, 0.12), coat.shade)
    for side in (-0.10, 0.10):
        brush.stroke(((middle + side, 0.46), (0.62 + side * 0.8, 0.24)), (0.008, 0.008), coat.dark)
    brush.stroke(((0.55, 0.13), (0.69, 0.13)), (0.075, 0.075), coat.dark)
    brush.stroke(((0.53, 0.20), (0.71, 0.20)), (0.022, 0.022), coat.light)


def _rocket(brush: Brush, coat: Coat, phase: float) -> None:
    flame = 0.24 + 0.10 * math.sin(2 * math.pi * phase) + 0.05 * math.sin(6 * math.pi * phase)
    tail, nose = (0.62, 0.62), (1.42, 1.42)
    end = (tail[0] - flame, tail[1] - flame)
    brush.stroke((tail, end), (0.105, 0.012), (255, 150, 60))
    core = (tail[0] - flame * 0.6, tail[1] - flame * 0.6)
    brush.stroke((tail, core), (0.06, 0.01), (255, 240, 190))
    for dx, dy in ((-0.20, 0.06), (0.06, -0.20)):
        brush.shape(((0.86, 0.86), (0.66 + dx, 0.66 + dy), (0.62, 0.62)), coat.dark)
    brush.stroke((tail, (0.95, 0.95), (1.15, 1.15)), (0.10, 0.165, 0.160), coat.light)
    brush.stroke(((1.17, 1.17), nose), (0.156, 0.012), coat.body)
    brush.disc((1.03, 1.03), 0.075, coat.dark)
    brush.disc((1.03, 1.03), 0.052, (150, 210, 240))


FIGURES: dict[Subject, FigureShape] = {
    Subject.PERSON: FigureShape((1.0, 1.06), (196, 74, 60), (232, 190, 158), _person),
    Subject.BIRD: FigureShape((3.0, 1.9), (58, 62, 78), (226, 228, 232), _birds),
    Subject.BOAT: FigureShape((1.94, 1.70), (150, 64, 52), (246, 240, 226), _boat),
    Subject.CAR: FigureShape((2.4, 0.84), (196, 56, 52), (196, 220, 232), _car),
    Subject.BALLOON: FigureShape((1.24, 1.80), (206, 72, 58), (248, 220, 150), _balloon),
    Subject.ROCKET: FigureShape((1.6, 1.6), (206, 72, 58), (236, 238, 242), _rocket),
}
