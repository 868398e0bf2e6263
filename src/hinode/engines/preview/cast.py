"""Characters: each one's picture stands in the scene as a rounded portrait with its name."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from hinode.engines.preview.caption import choose_font
from hinode.engines.preview.fonts import load
from hinode.engines.preview.planes import Planes, Sprite

MOST = 2
# Height of a portrait as a part of the frame's short side.
TALL = 0.36
# Drawn this much larger and shrunk, edges come out smooth.
OVER = 3


class Cast:
    """Up to two portraits, one to each side, swaying gently."""

    def __init__(
        self, people: list[tuple[str, Image.Image]], width: int, height: int, *, bottom: float
    ) -> None:
        """``bottom`` is the row on which they stand."""
        tall = max(8, round(min(width, height) * TALL))
        self._sprites = [Sprite(_standee(name, image, tall)) for name, image in people[:MOST]]
        places = (0.72,) if len(self._sprites) == 1 else (0.27, 0.73)
        self._places = [part * width for part in places]
        self._bottom, self._unit = bottom, min(width, height) / 720

    def draw(self, planes: Planes, seconds: float) -> None:
        """Draw everyone where they are after ``seconds``."""
        for index, (sprite, place) in enumerate(zip(self._sprites, self._places, strict=True)):
            x = place + 16 * self._unit * math.sin(seconds * 0.9 + 2.1 * index)
            y = self._bottom + 5 * self._unit * math.sin(seconds * 2.3 + 1.3 * index)
            sprite.draw(planes, x - sprite.width / 2, y - sprite.height)


def _standee(name: str, picture: Image.Image, tall: int) -> Image.Image:
    """The portrait with a rim and a shadow, and the name on a plate below it."""
    edge = max(2, tall // 12)
    portrait = _rounded(picture, tall, edge)
    plate = _plate(name, tall)
    wide = max(portrait.width, plate.width if plate else 0) + 2 * edge
    below = plate.height + edge // 2 if plate else 0
    image = Image.new("RGBA", (wide, portrait.height + below + edge))
    left = (wide - portrait.width) // 2
    shadow = Image.new("RGBA", image.size, (6, 8, 16, 0))
    dark = Image.new("L", image.size)
    dark.paste(portrait.getchannel("A").point(lambda value: value * 0.55), (left, edge // 2))
    shadow.putalpha(dark.filter(ImageFilter.GaussianBlur(edge * 0.5)))
    image.alpha_composite(shadow)
    image.alpha_composite(portrait, (left, 0))
    if plate:
        image.alpha_composite(plate, ((wide - plate.width) // 2, portrait.height + edge // 2))
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
    mask = Image.new("L", (side * OVER, side * OVER))
    box = (0, 0, side * OVER - 1, side * OVER - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius=radius * OVER, fill=255)
    return mask.reduce(OVER)


def _plate(name: str, tall: int) -> Image.Image | None:
    size = round(tall * 0.115)
    path, text = choose_font(name)
    if not text or size < 7:
        return None
    font = load(path, size)
    box = (round(font.getlength(text)) + size * 2, round(size * 1.7))
    plate = Image.new("RGBA", box)
    draw = ImageDraw.Draw(plate)
    draw.rounded_rectangle(
        (0, 0, box[0] - 1, box[1] - 1), radius=size * 0.8, fill=(14, 18, 30, 190)
    )
    draw.text((box[0] / 2, box[1] / 2), text, font=font, fill=(255, 255, 255, 255), anchor="mm")
    return plate
