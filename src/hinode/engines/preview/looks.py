"""The ten styles: each is a grade and a few cheap effects over the finished frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hinode.engines.base import Style
from hinode.engines.preview.effects import Effect, Grain, Light, Rainbow, Sag, Scanlines, Vignette
from hinode.engines.preview.grade import Grade, Grader
from hinode.engines.preview.ink import Halftone, Ink
from hinode.engines.preview.overlays import Bulbs, Frame, Letterbox, NewsBar, Scratches, Viewfinder
from hinode.engines.preview.planes import Planes
from hinode.engines.preview.shake import SHAKES, Shake


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a look is made for: the frame's size, the words for a headline, and the seed."""

    width: int
    height: int
    headline: str
    seed: int

    @property
    def unit(self) -> float:
        """Pixels per 1/720 of the short side."""
        return min(self.width, self.height) / 720


@dataclass(frozen=True, slots=True)
class Look:
    """The effects of a style in the order in which they are laid on."""

    effects: tuple[Effect, ...]
    has_headline: bool = False

    def apply(self, planes: Planes, seconds: float) -> None:
        """Lay the style over the frame of a moment."""
        for effect in self.effects:
            effect.apply(planes, seconds)


def look_for(style: Style, sheet: Sheet) -> Look:
    """The look of a style."""
    effects: tuple[Effect, ...] = (_Graded(GRADES[style]), *_EFFECTS[style](sheet))
    if style in SHAKES:
        effects = (Shake(SHAKES[style], sheet.unit), *effects)
    if style in {Style.ANIME, Style.COMIC}:
        # Outlines are found before the steps of the grade make edges of their own.
        ink = Ink(sheet.unit, heavy=style is Style.COMIC)
        effects = (ink.find(), *effects, ink)
    return Look(effects, has_headline=style is Style.NEWS)


GRADES: dict[Style, Grade] = {
    Style.FESTIVE: Grade(gain=0.86, gamma=1.12, saturation=1.35, blue=-14, red=17),
    Style.KAKALAKA: Grade(gain=1.05, gamma=0.9, saturation=1.5, blue=8, red=12),
    Style.NEWS: Grade(gain=1.05, gamma=0.94, saturation=0.85, blue=5, red=-3),
    Style.SELFIE: Grade(gain=0.90, lift=0.12, gamma=0.85, saturation=0.95, blue=-1, red=8),
    Style.HANDHELD: Grade(gain=0.96, gamma=1.06, saturation=0.72, blue=-2, red=-2),
    Style.GOLDEN: Grade(gain=1.02, saturation=1.1, blue=-26, red=17),
    Style.ANIME: Grade(gain=1.10, gamma=0.88, saturation=1.55, steps=12),
    Style.RETRO: Grade(gain=0.80, lift=0.08, saturation=0.75, blue=8, red=10),
    Style.NOSTALGIC: Grade(gain=0.80, lift=0.11, gamma=0.95, saturation=0.22, blue=-17, red=11),
    Style.COMIC: Grade(gain=1.12, gamma=0.95, saturation=1.8, steps=5),
}


class _Graded:
    """A grade as an effect."""

    def __init__(self, grade: Grade) -> None:
        self._grader = Grader(grade)

    def apply(self, planes: Planes, seconds: float) -> None:
        self._grader.apply(planes)


def _festive(sheet: Sheet) -> tuple[Effect, ...]:
    return (
        Vignette(sheet.width, sheet.height, 44),
        Bulbs(sheet.width, sheet.height, sheet.seed),
    )


def _kakalaka(sheet: Sheet) -> tuple[Effect, ...]:
    return (Rainbow(sheet.width, sheet.height),)


def _news(sheet: Sheet) -> tuple[Effect, ...]:
    return (NewsBar(sheet.width, sheet.height, sheet.headline),)


def _selfie(sheet: Sheet) -> tuple[Effect, ...]:
    return (Light(sheet.width, sheet.height, (0.5, 0.42), 46), Frame(sheet.width, sheet.height))


def _handheld(sheet: Sheet) -> tuple[Effect, ...]:
    return (
        Vignette(sheet.width, sheet.height, 40),
        Grain(sheet.seed, 5),
        Viewfinder(sheet.width, sheet.height),
    )


def _golden(sheet: Sheet) -> tuple[Effect, ...]:
    return (
        Light(sheet.width, sheet.height, (0.86, 0.04), 90, colour=(-40, 26)),
        Vignette(sheet.width, sheet.height, 44),
    )


def _anime(sheet: Sheet) -> tuple[Effect, ...]:
    return (Light(sheet.width, sheet.height, (0.2, -0.1), 60, colour=(12, -4)),)


def _retro(sheet: Sheet) -> tuple[Effect, ...]:
    return (
        Sag(sheet.unit),
        Scanlines(sheet.unit),
        Grain(sheet.seed, 9),
        Vignette(sheet.width, sheet.height, 60),
    )


def _nostalgic(sheet: Sheet) -> tuple[Effect, ...]:
    return (
        Vignette(sheet.width, sheet.height, 84),
        Grain(sheet.seed, 8),
        Scratches(sheet.width, sheet.height, sheet.seed),
        Letterbox(sheet.width, sheet.height),
    )


def _comic(sheet: Sheet) -> tuple[Effect, ...]:
    return (Halftone(sheet.width, sheet.height, sheet.unit),)


_EFFECTS: dict[Style, Callable[[Sheet], tuple[Effect, ...]]] = {
    Style.FESTIVE: _festive, Style.KAKALAKA: _kakalaka, Style.NEWS: _news,
    Style.SELFIE: _selfie, Style.HANDHELD: _handheld, Style.GOLDEN: _golden,
    Style.ANIME: _anime, Style.RETRO: _retro, Style.NOSTALGIC: _nostalgic, Style.COMIC: _comic,
}  # fmt: skip
