"""The visible mark: small words that wander slowly, so that no crop removes them unseen."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from hinode.engines.preview.drawing.fonts import load_font
from hinode.engines.preview.drawing.planes import Planes, Sprite

TEXT = "Hinode preview"
PERIOD_SECONDS = 24.0
OPACITY = 0.72


class Watermark:
    """Draws the mark on every frame, the first one too."""

    def __init__(self, width: int, height: int, text: str = TEXT) -> None:
        size = max(7, round(min(width, height) * 0.030))
        font = load_font(None, size)
        box = (round(font.getlength(text)) + size, round(size * 1.8))
        image = Image.new("RGBA", box)
        draw = ImageDraw.Draw(image)
        middle = (box[0] / 2, box[1] / 2)
        draw.text((middle[0] + 1, middle[1] + 1), text, font=font, fill=(0, 0, 0, 150), anchor="mm")
        draw.text(middle, text, font=font, fill=(255, 255, 255, 255), anchor="mm")
        if box[0] > width:
            image = image.resize((width, max(2, box[1] * width // box[0])))
        self._sprite = Sprite(image)
        self._room = (max(0, width - image.width), max(0, int(height * 0.82) - image.height))

    def draw(self, planes: Planes, seconds: float) -> None:
        """Draw the mark where it is after ``seconds``."""
        turn = 2 * math.pi * seconds / PERIOD_SECONDS
        x = self._room[0] * (0.5 + 0.46 * math.cos(turn))
        y = self._room[1] * (0.06 + 0.30 * (1 - math.cos(2 * turn + 0.6)) / 2)
        self._sprite.draw(planes, x, y, OPACITY)
