"""The prompt as a caption: wrapped, shortened, on a soft dark ground, faded in."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from PIL import Image, ImageDraw

from hinode.engines.preview.drawing.fonts import Font, covers, font_files, load_font
from hinode.engines.preview.drawing.planes import Planes, Sprite

MAX_CAPTION_CHARACTERS = 600
ELLIPSIS = "…"
EMOJI = ("\U0001f000", "\U0001faff")
# A line must not begin with these (simplified from the usual rules for Chinese and Japanese).
_STOP = "[，。！？、；：）》」』”’…,.!?;:)]"
_WIDE = r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]"
_PIECE = re.compile(rf"{_WIDE}{_STOP}*\s*|(?:(?!{_WIDE})\S)+{_STOP}*\s*")


class Caption:
    """The caption of one render; draws nothing when no character can be drawn.

    It stands at the bottom, or at the ``top`` of what may have words at its bottom already.
    """

    def __init__(self, prompt: str, width: int, height: int, *, top: bool = False) -> None:
        short = min(width, height)
        size = max(9, round(short * 0.034))
        room = int(min(width * 0.88, size * 38))
        limit = 3 if height > width else 2
        path, text = choose_font(prompt)
        self._sprite: Sprite | None = None
        # On tiny frames, letters would be specks.
        if text and short >= 96:
            font = load_font(path, size)
            lines = wrap(text, font, room, limit)
            image = _image(lines, font, size)
            self._sprite = Sprite(image)
            self._left = (width - image.width) // 2
            margin = round(short * 0.035)
            self._top = margin if top else height - image.height - margin

    def draw(self, planes: Planes, opacity: float) -> None:
        """Blend the caption in; opacity is 0..1."""
        if self._sprite is not None and opacity > 0:
            self._sprite.draw(planes, self._left, self._top, opacity)


def choose_font(prompt: str) -> tuple[Path | None, str]:
    """Return the font that draws most of the prompt, and the part of the prompt it can draw."""
    text = " ".join(prompt[:MAX_CAPTION_CHARACTERS].split())
    text = "".join(character for character in text if not _is_excluded(character))
    best = max(font_files(), key=lambda path: sum(covers(path, character) for character in text))
    drawn = "".join(character for character in text if covers(best, character))
    return best, " ".join(drawn.split())


def _is_excluded(character: str) -> bool:
    """Return whether it is a control character or emoji: one must not decide the font."""
    return (
        unicodedata.category(character)[0] == "C"
        or EMOJI[0] <= character <= EMOJI[1]
        or character == "\ufe0f"
    )


def wrap(text: str, font: Font, room: int, limit: int) -> list[str]:
    """Return the text in at most ``limit`` lines of ``room`` pixels, cut with an ellipsis."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if not line or font.getlength(line + piece.rstrip()) <= room:
            line += piece
            continue
        lines.append(line)
        line = piece
        if len(lines) == limit:
            break
    else:
        lines.append(line)
        line = ""
    lines = [line.strip() for line in lines]
    if line or font.getlength(lines[-1]) > room:
        lines[-1] = _shorten(lines[-1], font, room)
    return [_shorten(line, font, room) if font.getlength(line) > room else line for line in lines]


def _pieces(text: str) -> list[str]:
    """Return words with their space after them; each Chinese or Japanese character by itself."""
    return _PIECE.findall(text)


def _shorten(line: str, font: Font, room: int) -> str:
    while line and font.getlength(line + ELLIPSIS) > room:
        line = line[:-1]
    return line.rstrip(" ,.;:，。、") + ELLIPSIS


def _image(lines: list[str], font: Font, size: int) -> Image.Image:
    step = round(size * 1.42)
    side, edge = round(size * 0.95), round(size * 0.62)
    wide = max(round(font.getlength(line)) for line in lines)
    box = (wide + 2 * side, step * len(lines) - (step - size) + 2 * edge)
    ground = _ground(box, size)
    draw = ImageDraw.Draw(ground)
    for index, line in enumerate(lines):
        y = edge + index * step + size * 0.5
        draw.text((box[0] / 2, y), line, font=font, fill=(255, 255, 255, 255), anchor="mm")
    return ground


def _ground(box: tuple[int, int], size: int) -> Image.Image:
    mask = Image.new("L", (box[0] * 2, box[1] * 2))
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, box[0] * 2 - 1, box[1] * 2 - 1), radius=size * 1.3, fill=118
    )
    ground = Image.new("RGBA", box, (10, 12, 20, 0))
    ground.putalpha(mask.resize(box, Image.Resampling.BOX))
    return ground
