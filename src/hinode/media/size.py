"""Width and height of pictures and videos, and their orientation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

_SIZE = re.compile(r"([1-9]\d{0,4})\s*[xX×*]\s*([1-9]\d{0,4})")


class Orientation(StrEnum):
    """The orientation of a video or an image."""

    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"
    SQUARE = "square"


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the size that a request spells: ``1280x720``, ``1280 * 720``; None for others."""
        match = _SIZE.fullmatch(text.strip())
        return cls(int(match[1]), int(match[2])) if match else None

    def __str__(self) -> str:
        """Format it as requests do: ``1280x720``."""
        return f"{self.width}x{self.height}"

    @property
    def area(self) -> int:
        """The number of pixels."""
        return self.width * self.height

    @property
    def short_side(self) -> int:
        """The smaller of width and height."""
        return min(self.width, self.height)

    @property
    def orientation(self) -> Orientation:
        """The orientation: width against height."""
        if self.width == self.height:
            return Orientation.SQUARE
        return Orientation.PORTRAIT if self.width < self.height else Orientation.LANDSCAPE
