"""The subject of the picture: drawn once in a few phases of its movement, then moved along."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from hinode.engines.preview.drawing.brush import Brush, Coat
from hinode.engines.preview.drawing.planes import Planes, Sprite
from hinode.engines.preview.scene.animals import ANIMAL_BOX, ANIMALS, Animal, draw_animal
from hinode.engines.preview.scene.description import SceneDescription
from hinode.engines.preview.scene.figure_shapes import FIGURES
from hinode.engines.preview.scene.palette import RGB, TINTS, Palette, mix
from hinode.engines.preview.scene.terms import CameraMove, Light, Place, Subject

PHASES = 12
# Drawn this much larger and shrunk, edges come out smooth.
SUPERSAMPLING = 3

FLYING = frozenset({Subject.BIRD, Subject.BALLOON, Subject.ROCKET})
FLOATING = frozenset({Subject.BOAT})


@dataclass(frozen=True, slots=True)
class Gait:
    """Height in the frame as a part of its short side, and rounds of movement a second."""

    tall: float
    pace: float


GAITS: dict[Subject, Gait] = {
    Subject.FOX: Gait(0.27, 1.7),
    Subject.CAT: Gait(0.25, 1.2),
    Subject.DOG: Gait(0.28, 1.7),
    Subject.WOLF: Gait(0.30, 1.6),
    Subject.HORSE: Gait(0.38, 1.6),
    Subject.DEER: Gait(0.36, 1.3),
    Subject.BEAR: Gait(0.32, 0.8),
    Subject.PANDA: Gait(0.30, 0.8),
    Subject.RABBIT: Gait(0.22, 1.9),
    Subject.PERSON: Gait(0.33, 0.95),
    Subject.BIRD: Gait(0.26, 1.0),
    Subject.BOAT: Gait(0.36, 0.22),
    Subject.CAR: Gait(0.17, 2.0),
    Subject.BALLOON: Gait(0.36, 0.15),
    Subject.ROCKET: Gait(0.36, 2.0),
}


class Figure:
    """One subject. ``ground`` is the row of its feet, ``horizon`` the end of the sky."""

    def __init__(
        self,
        subject: Subject,
        description: SceneDescription,
        palette: Palette,
        *,
        width: int,
        height: int,
        offset: float = 0.0,
    ) -> None:
        """``offset`` moves the figure along, in parts of the frame's width."""
        self._subject, self._width, self._height = subject, width, height
        self._unit = min(width, height) / 720
        self._back = description.move is CameraMove.PAN_LEFT
        self._gait = GAITS[subject]
        tall = max(8.0, self._gait.tall * min(width, height * 1.1))
        coat = _coat(subject, description, palette)
        pictures = [_picture(subject, coat, tall, index / PHASES) for index in range(PHASES)]
        if self._back:
            pictures = [item.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for item in pictures]
        if subject not in FLYING | FLOATING:
            pictures = _add_shadow(pictures)
        self._phases = [Sprite(item) for item in pictures]
        self._start = offset + float(description.rng("subject").uniform(0.36, 0.42))

    def draw(
        self, planes: Planes, seconds: float, total: float, ground: float, horizon: float
    ) -> None:
        """Draw the figure as it is after ``seconds`` of ``total``."""
        sprite = self._phases[int(seconds * self._gait.pace * PHASES) % PHASES]
        along = self._start + 0.22 * _progress(seconds / max(total, 1e-6))
        middle = (1 - along if self._back else along) * self._width
        top = self._top(sprite, seconds, ground, horizon)
        sprite.draw(planes, middle - sprite.width / 2, top)

    def _top(self, sprite: Sprite, seconds: float, ground: float, horizon: float) -> float:
        bob = math.sin(seconds * 1.4) * self._unit
        if self._subject in FLYING:
            return horizon * 0.48 - sprite.height / 2 + 9 * bob
        if self._subject in FLOATING:
            return ground - sprite.height * 0.95 + 2.5 * bob
        return ground - sprite.height


def _progress(part: float) -> float:
    """Return the progress; in an extended clip a figure slows down and stays in the picture."""
    return part if part <= 1 else 2 - math.exp(1 - part)


def _coat(subject: Subject, description: SceneDescription, palette: Palette) -> Coat:
    plan = ANIMALS.get(subject) or FIGURES[subject]
    body = TINTS[description.tint] if description.tint else plan.body
    dim = {Light.NIGHT: 0.42, Light.DUSK: 0.34, Light.NEON: 0.30, Light.SUNSET: 0.24}
    part = 0.1 if description.place is Place.SPACE else dim.get(description.light, 0.12)
    # Figures take on the light of the scene; else they look pasted in.
    air = mix(palette.far, palette.near, 0.5)
    limb = (plan.limbs if isinstance(plan, Animal) else None) or body
    shade: RGB = (18, 16, 26)
    return Coat(
        body=mix(body, air, part),
        shade=mix(mix(body, shade, 0.42), air, part),
        limb=mix(limb, air, part),
        limb_shade=mix(mix(limb, shade, 0.42), air, part),
        light=mix(plan.light, air, part * 0.8),
        dark=mix((30, 26, 34), air, part * 0.4),
    )


def _picture(subject: Subject, coat: Coat, tall: float, phase: float) -> Image.Image:
    animal = ANIMALS.get(subject)
    box = ANIMAL_BOX if animal else FIGURES[subject].box
    scale = tall / box[1] * SUPERSAMPLING
    size = (round(box[0] * tall / box[1]) * SUPERSAMPLING, round(tall) * SUPERSAMPLING)
    # Transparent in the body's colour: shrinking then mixes no other colour into the edges.
    image = Image.new("RGBA", size, (*coat.body, 0))
    brush = Brush(ImageDraw.Draw(image), scale, box[1])
    if animal:
        draw_animal(brush, animal, coat, phase)
    else:
        FIGURES[subject].paint(brush, coat, phase)
    return image.reduce(SUPERSAMPLING)


def _add_shadow(pictures: list[Image.Image]) -> list[Image.Image]:
    """Return a soft shadow on the ground ties the feet to it."""
    width, height = pictures[0].size
    deep = max(2, height // 16)
    mask = Image.new("L", (width, height + deep))
    oval = (width * 0.20, height - deep, width * 0.80, height + deep * 0.6)
    ImageDraw.Draw(mask).ellipse(oval, fill=105)
    shadow = Image.new("RGBA", mask.size, (8, 8, 14, 0))
    shadow.putalpha(mask.filter(ImageFilter.GaussianBlur(deep * 0.4)))
    grounded = []
    for picture in pictures:
        whole = shadow.copy()
        whole.alpha_composite(picture)
        grounded.append(whole)
    return grounded
