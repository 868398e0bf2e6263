"""Overlays of some styles: a news bar, strings of lights, frames, scratches."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from hinode.engines.preview.drawing.fonts import load_font
from hinode.engines.preview.drawing.planes import Planes, Sprite
from hinode.engines.preview.scene.caption import choose_font
from hinode.engines.preview.scene.palette import RGB

# Below this short side letters would be specks.
MIN_TEXT_SIDE = 96
TICKER_SPEED = 70
BULB_COLOURS: tuple[RGB, ...] = ((255, 86, 66), (255, 196, 74), (110, 220, 120), (90, 170, 255))


class NewsBar:
    """A lower third: a red block, the headline, and a ticker that runs below."""

    def __init__(self, width: int, height: int, headline: str) -> None:
        short = min(width, height)
        self._tall, self._thin = max(4, round(short * 0.115)), max(2, round(short * 0.05))
        self._top = height - self._tall - self._thin
        self._unit, self._width = short / 720, width
        self._bar = Sprite(self._headline(width, headline if short >= MIN_TEXT_SIDE else ""))
        words = (headline or "Hinode preview") if short >= MIN_TEXT_SIDE else " "
        self._ticker = _text_line(f"{words}   •   ", self._thin, (24, 30, 48))

    def apply(self, planes: Planes, seconds: float) -> None:
        """Draw the bar and the ticker of a moment."""
        self._bar.draw(planes, 0, self._top)
        row = self._top + self._tall
        left = -(round(seconds * TICKER_SPEED * self._unit) % self._ticker.width)
        while left < self._width:
            self._ticker.draw(planes, left, row)
            left += self._ticker.width

    def _headline(self, width: int, words: str) -> Image.Image:
        tall = self._tall
        image = Image.new("RGBA", (width, tall + self._thin), (12, 26, 66, 232))
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, tall, width, tall + self._thin), fill=(238, 240, 244, 240))
        draw.rectangle((0, 0, width, max(1, tall // 18)), fill=(236, 190, 60, 255))
        block = round(tall * 1.9)
        draw.rectangle((0, tall // 18 + 1, block, tall), fill=(200, 24, 36, 255))
        if words:
            middle = tall * 0.54
            white = (255, 255, 255, 255)
            draw.text((block / 2, middle), "NEWS", font=load_font(None, round(tall * 0.42)),
                      fill=white, anchor="mm")  # fmt: skip
            path, text = choose_font(words)
            font = load_font(path, round(tall * 0.38))
            room = width - block - tall
            while text and font.getlength(text) > room:
                text = text[:-2].rstrip() + "…" if len(text) > 2 else ""
            draw.text((block + tall * 0.4, middle), text, font=font, fill=white, anchor="lm")
        return image


def _text_line(words: str, tall: int, colour: RGB) -> Sprite:
    path, text = choose_font(words)
    font = load_font(path, max(6, round(tall * 0.62)))
    wide = max(8, round(font.getlength(f"{text}   ")))
    image = Image.new("RGBA", (wide, max(2, tall)))
    ImageDraw.Draw(image).text((0, tall / 2), text, font=font, fill=(*colour, 255), anchor="lm")
    return Sprite(image)


class Bulbs:
    """Two strings of coloured lights along the top, and soft discs of light that breathe."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        unit = min(width, height) / 720
        tall = max(8, round(150 * unit))
        self._wire = Sprite(_string(width, tall, unit, None))
        self._lit = [Sprite(_string(width, tall, unit, part)) for part in (0, 1)]
        rng = np.random.default_rng([seed & 0xFFFFFFFF, 72])
        self._discs = [
            (_soft_disc(BULB_COLOURS[index % 4], float(rng.uniform(26, 70)) * unit),
             float(rng.uniform(0, width)), float(rng.uniform(0.25, 0.95)) * height,
             float(rng.uniform(0, 6.28)))
            for index in range(12)
        ]  # fmt: skip

    def apply(self, planes: Planes, seconds: float) -> None:
        """Draw everything; the lights change slowly into one another."""
        for disc, x, y, phase in self._discs:
            glow = 0.20 + 0.16 * math.sin(seconds * 1.1 + phase)
            lift = 10 * math.sin(seconds * 0.5 + phase)
            disc.draw(planes, x - disc.width / 2, y - disc.height / 2 + lift, glow)
        self._wire.draw(planes, 0, 0)
        for index, lit in enumerate(self._lit):
            lit.draw(planes, 0, 0, 0.62 + 0.36 * math.sin(seconds * 2.6 + math.pi * index))


def _string(width: int, tall: int, unit: float, part: int | None) -> Image.Image:
    """Return the wire (``part`` None), or the glow of every second bulb."""
    image = Image.new("RGBA", (width, tall))
    draw = ImageDraw.Draw(image)
    step = max(6.0, 62 * unit)
    places = [
        (x, (0.10 + 0.50 * abs(math.sin(math.pi * x / (width / 2.5 + 1)))) * tall)
        for x in np.arange(step / 2, width + step, step)
    ]
    if part is None:
        draw.line([(0, tall * 0.1), *places], fill=(20, 24, 22, 230), width=max(1, round(3 * unit)))
    for index, (x, y) in enumerate(places):
        colour = BULB_COLOURS[index % 4]
        radius = 9 * unit
        box = (x - radius, y, x + radius, y + 2.5 * radius)
        if part is None:
            draw.ellipse(box, fill=(*(value // 2 for value in colour), 255))
        elif index % 2 == part:
            draw.ellipse((box[0] - radius, box[1] - radius, box[2] + radius, box[3] + radius),
                         fill=(*colour, 90))  # fmt: skip
            draw.ellipse(box, fill=(*colour, 255))
    if part is not None:
        image = image.filter(ImageFilter.GaussianBlur(2.5 * unit))
    return image


def _soft_disc(colour: RGB, radius: float) -> Sprite:
    side = max(8, 2 * round(radius))
    mask = Image.new("L", (side * 2, side * 2))
    ImageDraw.Draw(mask).ellipse((4, 4, side * 2 - 5, side * 2 - 5), fill=210, outline=255, width=3)
    image = Image.new("RGBA", (side, side), (*colour, 0))
    image.putalpha(mask.resize((side, side), Image.Resampling.BOX))
    return Sprite(image)


class Viewfinder:
    """The corners of a camera's finder and a red light that is slowly lit and put out."""

    def __init__(self, width: int, height: int) -> None:
        unit = min(width, height) / 720
        edge, arm, thick = 44 * unit, 62 * unit, max(1, round(3 * unit))
        image = Image.new("RGBA", (width, height))
        draw = ImageDraw.Draw(image)
        for x, across in ((edge, arm), (width - edge, -arm)):
            for y, down in ((edge, arm), (height - edge, -arm)):
                draw.line(((x + across, y), (x, y), (x, y + down)), fill=(255, 255, 255, 215),
                          width=thick)  # fmt: skip
        size = round(max(2, arm * 1.2))
        corners = [(0, 0), (width, 0), (0, height), (width, height)]
        self._corners = [_corner(image, x, y, round(edge) + size) for x, y in corners]
        self._light = _soft_disc((255, 40, 40), max(2.0, 11 * unit))
        self._at = (edge + 34 * unit, edge + 22 * unit)

    def apply(self, planes: Planes, seconds: float) -> None:
        """Draw the corners and the light."""
        for sprite, left, top in self._corners:
            sprite.draw(planes, left, top)
        self._light.draw(planes, *self._at, 0.55 + 0.45 * math.cos(seconds * math.pi))


def _corner(image: Image.Image, x: int, y: int, side: int) -> tuple[Sprite, int, int]:
    """Return the part of a large picture at one of its corners, and where it belongs."""
    side = min(side, *image.size)
    left, top = (at - side if at else 0 for at in (x, y))
    left -= left % 2
    top -= top % 2
    return Sprite(image.crop((left, top, left + side, top + side))), left, top


class Border:
    """A pale frame with rounded corners, as of an instant picture of oneself."""

    def __init__(self, width: int, height: int) -> None:
        edge = round(min(width, height) * 0.028)
        mask = Image.new("L", (width, height), 255)
        box = (edge, edge, width - 1 - edge, height - 1 - edge)
        ImageDraw.Draw(mask).rounded_rectangle(box, radius=edge * 3, fill=0)
        outside = np.asarray(mask.point(lambda value: 255 if value > 127 else 0))
        colour = ((outside, 226), (outside[::2, ::2], 126), (outside[::2, ::2], 132))
        self._keep = [~where for where, _ in colour]
        self._paint = [where & np.uint8(value) for where, value in colour]

    def apply(self, planes: Planes, seconds: float) -> None:
        """Paint it, in a warm white."""
        for plane, keep, paint in zip(planes.all(), self._keep, self._paint, strict=True):
            np.bitwise_and(plane, keep, out=plane)
            np.bitwise_or(plane, paint, out=plane)


class Letterbox:
    """Dark bars above and below, or at the sides of an upright picture."""

    def __init__(self, width: int, height: int) -> None:
        wide = width >= height
        self._bar = round((height if wide else width) * 0.085) // 2 * 2
        self._wide = wide

    def apply(self, planes: Planes, seconds: float) -> None:
        """Blacken the bars."""
        for plane, dark, step in zip(planes.all(), (16, 128, 128), (1, 2, 2), strict=True):
            bar = self._bar // step
            if not bar:
                continue
            lines = plane if self._wide else plane.T
            lines[:bar] = dark
            lines[-bar:] = dark


class Scratches:
    """Thin bright lines of a worn film that come and go, and a faint flicker of its lamp."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self._seed, self._width = seed & 0xFFFFFFFF, width

    def apply(self, planes: Planes, seconds: float) -> None:
        """Brighten a column or two for a third of a second at a time."""
        rng = np.random.default_rng([self._seed, int(seconds * 3), 73])
        drift = math.sin(seconds * 9) * 1.5
        for column in rng.integers(0, self._width, int(rng.integers(0, 4))):
            place = int(column + drift) % self._width
            line = planes.y[:, place]
            line[:] = np.minimum(line, 190) + np.uint8(40)
        lamp = np.uint8(round(3 + 3 * math.sin(seconds * 13)))
        np.minimum(planes.y, 228, out=planes.y)
        planes.y[:] += lamp
