"""Four-legged animals: one body plan, told apart by proportions, ears, tail and colours."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hinode.engines.preview.drawing.brush import Brush, Coat, Point
from hinode.engines.preview.scene.palette import RGB
from hinode.engines.preview.scene.terms import Subject

# Width and height of the canvas; the body is one unit long.
ANIMAL_BOX = (2.3, 1.65)


@dataclass(frozen=True, slots=True)
class Animal:
    """Proportions in body lengths. ``ear`` and ``tail`` name a form."""

    body: RGB
    light: RGB
    leg: float
    thick: float
    neck: tuple[float, float]
    head: float
    snout: float
    ear: str
    tail: str
    stride: float = 0.17
    antlers: bool = False
    mane: bool = False
    limbs: RGB | None = None


ANIMALS: dict[Subject, Animal] = {
    Subject.FOX: Animal(
        (214, 98, 38), (250, 236, 220), 0.40, 0.165, (0.20, 0.16), 0.125, 0.20,
        "point", "bush", 0.20, limbs=(70, 40, 32),
    ),
    Subject.CAT: Animal(
        (206, 150, 96), (244, 228, 208), 0.34, 0.160, (0.13, 0.17), 0.145, 0.06,
        "point", "long",
    ),
    Subject.DOG: Animal(
        (196, 146, 90), (244, 230, 210), 0.40, 0.185, (0.16, 0.24), 0.145, 0.15,
        "flop", "curl", 0.20,
    ),
    Subject.WOLF: Animal(
        (116, 122, 132), (204, 208, 214), 0.46, 0.185, (0.23, 0.13), 0.135, 0.20,
        "point", "bush", 0.20,
    ),
    Subject.HORSE: Animal(
        (132, 82, 52), (170, 120, 84), 0.62, 0.205, (0.30, 0.42), 0.115, 0.27,
        "point", "flow", 0.25, mane=True,
    ),
    Subject.DEER: Animal(
        (168, 114, 70), (232, 210, 184), 0.60, 0.165, (0.20, 0.38), 0.100, 0.17,
        "leaf", "stub", 0.22, antlers=True,
    ),
    Subject.BEAR: Animal(
        (98, 70, 52), (150, 116, 90), 0.30, 0.285, (0.20, 0.10), 0.195, 0.14,
        "round", "stub", 0.11,
    ),
    Subject.PANDA: Animal(
        (242, 240, 234), (242, 240, 234), 0.26, 0.290, (0.20, 0.12), 0.205, 0.10,
        "round", "stub", 0.11, limbs=(38, 36, 40),
    ),
    Subject.RABBIT: Animal(
        (190, 176, 160), (246, 242, 236), 0.22, 0.225, (0.14, 0.20), 0.150, 0.06,
        "tall", "puff", 0.12,
    ),
}  # fmt: skip


def draw_animal(brush: Brush, animal: Animal, coat: Coat, phase: float) -> None:
    """Draw one phase (0..1) of the walk, facing right."""
    bounce = 0.022 * math.cos(4 * math.pi * phase)
    height = animal.leg + animal.thick * 0.75 + bounce
    hip, shoulder = (0.72, height), (1.42, height + 0.02)
    _tail(brush, animal, coat, (hip[0] - 0.10, height + 0.05), phase)
    for at, turn in ((hip, 0.5), (shoulder, 0.25)):
        _leg(brush, animal, coat.limb_shade, at, phase + turn, rear=at is hip)
    _trunk(brush, animal, coat, hip, shoulder)
    for at, turn in ((hip, 0.0), (shoulder, 0.75)):
        _leg(brush, animal, coat.limb, at, phase + turn, rear=at is hip)
    _head(brush, animal, coat, shoulder, phase)


def _trunk(brush: Brush, animal: Animal, coat: Coat, hip: Point, shoulder: Point) -> None:
    thick = animal.thick
    middle = ((hip[0] + shoulder[0]) / 2, hip[1] + 0.015)
    brush.stroke((hip, middle, shoulder), (thick, thick * 0.92, thick * 1.06), coat.body)
    chest = (shoulder[0] + thick * 0.55, shoulder[1] - thick * 0.30)
    brush.disc(chest, thick * 0.50, coat.light)


def _leg(brush: Brush, animal: Animal, colour: RGB, at: Point, phase: float, *, rear: bool) -> None:
    swing = math.sin(2 * math.pi * phase)
    lift = max(0.0, math.cos(2 * math.pi * phase)) * animal.leg * 0.20
    foot = (at[0] + animal.stride * swing, 0.035 + lift)
    knee_x = (at[0] + foot[0]) / 2 + (-0.05 if rear else 0.035) + 0.05 * lift / animal.leg
    knee = (knee_x, (at[1] - animal.thick * 0.3 + foot[1]) * 0.5)
    thick = animal.thick * 0.50
    thin = max(0.030, animal.thick * 0.21)
    top = (at[0], at[1] - animal.thick * 0.25)
    brush.stroke((top, knee, foot), (thick, thin * 1.25, thin), colour)
    brush.stroke((foot, (foot[0] + 0.05, foot[1] - 0.006)), (thin, thin * 0.85), colour)


def _head(brush: Brush, animal: Animal, coat: Coat, shoulder: Point, phase: float) -> None:
    nod = 0.012 * math.sin(4 * math.pi * phase + 1)
    start = (shoulder[0] + animal.thick * 0.35, shoulder[1] + animal.thick * 0.30)
    head = (start[0] + animal.neck[0], start[1] + animal.neck[1] + nod)
    size = animal.head
    if animal.mane:
        back = [(x - 0.10, y + 0.06) for x, y in (start, head)]
        brush.stroke(back, (0.09, 0.07), coat.dark)
    brush.stroke((start, head), (animal.thick * 0.68, size * 0.78), coat.body)
    for shift, colour in ((-0.045, coat.limb_shade), (0.03, coat.limb)):
        _ear(brush, animal, (head[0] + shift, head[1]), colour)
    nose = (head[0] + size * 0.62 + animal.snout, head[1] - size * 0.40)
    brush.disc(head, size, coat.body)
    brush.stroke(
        (( head[0] + size * 0.35, head[1] - size * 0.30), nose),
        (size * 0.62, max(0.035, size * 0.26)), coat.body,
    )  # fmt: skip
    jaw = (nose[0] - 0.02, nose[1] - 0.016)
    brush.stroke(
        ((head[0] + size * 0.2, head[1] - size * 0.62), jaw), (size * 0.28, 0.022), coat.light
    )
    brush.disc(nose, 0.028, coat.dark)
    brush.disc((head[0] + size * 0.42, head[1] + size * 0.16), 0.021, coat.dark)
    if animal.antlers:
        _antlers(brush, coat, (head[0] - 0.02, head[1] + size * 0.8))


def _ear(brush: Brush, animal: Animal, head: Point, colour: RGB) -> None:
    x, y, size = head[0] - animal.head * 0.25, head[1] + animal.head * 0.6, animal.head
    if animal.ear == "point":
        brush.shape(
            ((x - size * 0.5, y), (x - size * 0.12, y + size * 1.05), (x + size * 0.42, y)), colour
        )
    elif animal.ear == "round":
        brush.disc((x, y + size * 0.25), size * 0.36, colour)
    elif animal.ear == "tall":
        tip = (x - size * 0.45, y + size * 2.1)
        brush.stroke(((x, y), ((x + tip[0]) / 2, y + size), tip), (0.05, 0.062, 0.03), colour)
    elif animal.ear == "leaf":
        brush.stroke(((x, y), (x - size * 0.9, y + size * 0.55)), (0.035, 0.022), colour)
    else:
        brush.stroke(((x, y), (x - size * 0.35, y - size * 0.9)), (0.05, 0.062), colour)


def _antlers(brush: Brush, coat: Coat, at: Point) -> None:
    x, y = at
    for lean in (-0.16, 0.05):
        tip = (x + lean - 0.04, y + 0.34)
        middle = (x + lean, y + 0.17)
        brush.stroke((at, middle, tip), (0.020, 0.017, 0.010), coat.dark)
        brush.stroke((middle, (middle[0] + 0.10, middle[1] + 0.11)), (0.015, 0.009), coat.dark)


def _tail(brush: Brush, animal: Animal, coat: Coat, at: Point, phase: float) -> None:
    wave = 0.05 * math.sin(2 * math.pi * phase)
    x, y = at
    path: tuple[Point, ...]
    if animal.tail == "bush":
        middle, tip = (x - 0.26, y - 0.02 + wave), (x - 0.56, y + 0.05 + 2 * wave)
        brush.stroke((at, middle, tip), (0.045, 0.115, 0.05), coat.body)
        brush.stroke(((x - 0.46, y + 0.03 + 1.7 * wave), tip), (0.075, 0.035), coat.light)
    elif animal.tail == "long":
        path = (at, (x - 0.22, y + 0.10), (x - 0.34, y + 0.34 + wave), (x - 0.27, y + 0.50 + wave))
        brush.stroke(path, (0.045, 0.040, 0.036, 0.030), coat.body)
    elif animal.tail == "curl":
        path = (at, (x - 0.14, y + 0.20), (x - 0.05 + wave, y + 0.34))
        brush.stroke(path, (0.055, 0.060, 0.035), coat.body)
    elif animal.tail == "flow":
        path = (at, (x - 0.20, y - 0.04 + wave), (x - 0.30, y - 0.42 + wave))
        brush.stroke(path, (0.040, 0.070, 0.020), coat.dark)
    elif animal.tail == "puff":
        brush.disc((x - 0.10, y), 0.10, coat.light)
    else:
        brush.stroke((at, (x - 0.12, y + 0.02)), (0.05, 0.03), coat.body)
