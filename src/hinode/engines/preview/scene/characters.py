"""Characters: each one's picture stands in the scene as a rounded portrait with its name."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from hinode.engines.preview.drawing.fonts import load_font
from hinode.engines.preview.drawing.planes import Planes, Sprite
from hinode.engines.preview.scene.caption import choose_font

MAX_CHARACTERS = 2
# Sides of a portrait at most, as parts of the frame's height and width.
MAX_HEIGHT, MAX_WIDTH = 0.36, 0.29
# Drawn this much larger and shrunk, edges come out smooth.
SUPERSAMPLING = 3


class CharacterImages:
    """Up to two portraits, one to each side, swaying gently."""

    def __init__(
        self, characters: list[tuple[str, Image.Image]], width: int, height: int, *, bottom: float
    ) -> None:
        """``bottom`` is the row on which they stand; names are below it."""
        tall = max(8, round(min(height * MAX_HEIGHT, width * MAX_WIDTH)))
        self._sprites = [
            _CharacterSprite(name, image, tall) for name, image in characters[:MAX_CHARACTERS]
        ]
        places = (0.79,) if len(self._sprites) == 1 else (0.22, 0.79)
        self._places = [part * width for part in places]
        self._bottom, self._unit = bottom, min(width, height) / 720

    def draw(self, planes: Planes, seconds: float) -> None:
        """Draw everyone where they are after ``seconds``."""
        for character, x, y in self._positions(seconds):
            sprite = character.image
            sprite.draw(planes, x - sprite.width / 2, y - sprite.height)

    def draw_names(self, planes: Planes, seconds: float) -> None:
        """Draw the names below them; done last, so that no style makes them illegible."""
        for character, x, y in self._positions(seconds):
            if character.name is not None:
                character.name.draw(planes, x - character.name.width / 2, y)

    def _positions(self, seconds: float) -> Iterator[tuple[_CharacterSprite, float, float]]:
        """Everyone with the column of their middle and the row of their feet."""
        for index, (character, place) in enumerate(zip(self._sprites, self._places, strict=True)):
            x = place + 16 * self._unit * math.sin(seconds * 0.9 + 2.1 * index)
            y = self._bottom + 5 * self._unit * math.sin(seconds * 2.3 + 1.3 * index)
            yield character, x, y


class _CharacterSprite:
    """A portrait with a rim and a shadow, and the name on a plate."""

    def __init__(self, name: str, picture: Image.Image, tall: int) -> None:
        edge = max(2, tall // 12)
        self.image = Sprite(_shaded(_rounded(picture, tall, edge), edge))
        plate = _plate(name, tall)
        self.name = Sprite(plate) if plate else None


def _shaded(portrait: Image.Image, edge: int) -> Image.Image:
    image = Image.new("RGBA", (portrait.width + 2 * edge, portrait.height + edge), (6, 8, 16, 0))
    dark = Image.new("L", image.size)
    dark.paste(portrait.getchannel("A").point(lambda value: value * 0.55), (edge, edge // 2))
    image.putalpha(dark.filter(ImageFilter.GaussianBlur(edge * 0.5)))
    image.alpha_composite(portrait, (edge, 0))
    return image


def _rounded(picture: Image.Image, tall: int, edge: int) -> Image.Image:
    rim = max(1, edge // 2)
    inner = tall - 2 * rim
    face = ImageOps.fit(picture.convert("RGB"), (inner, inner), Image.Resampling.LANCZOS)
    image = Image.new("RGBA", (tall, tall), (250, 250, 252, 0))
    image.putalpha(_round_mask(tall, tall * 0.22))
    image.paste(face, (rim, rim), _round_mask(inner, tall * 0.22 - rim))
    return image


def _round_mask(side: int, radius: float) -> Image.Image:
    mask = Image.new("L", (side * SUPERSAMPLING, side * SUPERSAMPLING))
    box = (0, 0, side * SUPERSAMPLING - 1, side * SUPERSAMPLING - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius=radius * SUPERSAMPLING, fill=255)
    return mask.reduce(SUPERSAMPLING)


def _plate(name: str, tall: int) -> Image.Image | None:
    size = round(tall * 0.115)
    path, text = choose_font(name)
    if not text or size < 7:
        return None
    font = load_font(path, size)
    box = (round(font.getlength(text)) + size * 2, round(size * 1.7))
    plate = Image.new("RGBA", box)
    draw = ImageDraw.Draw(plate)
    draw.rounded_rectangle(
        (0, 0, box[0] - 1, box[1] - 1), radius=size * 0.8, fill=(14, 18, 30, 190)
    )
    draw.text((box[0] / 2, box[1] / 2), text, font=font, fill=(255, 255, 255, 255), anchor="mm")
    return plate
