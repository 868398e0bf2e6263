"""The ten styles: each is a grade and a few cheap effects over the finished frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hinode.engines.base import Style
from hinode.engines.preview.drawing.planes import Planes
from hinode.engines.preview.styles.effects import (
    ChromaBleed,
    Effect,
    Grain,
    Rainbow,
    Scanlines,
    SoftLight,
    Vignette,
)
from hinode.engines.preview.styles.grade import ColourGrade, Grader
from hinode.engines.preview.styles.outlines import Halftone, Outlines
from hinode.engines.preview.styles.overlays import (
    Border,
    Bulbs,
    Letterbox,
    NewsBar,
    Scratches,
    Viewfinder,
)
from hinode.engines.preview.styles.shake import SHAKES, Shake


@dataclass(frozen=True, slots=True)
class PresetParams:
    """The parameters of a style preset: the frame's size, the headline's words, and the seed."""

    width: int
    height: int
    headline: str
    seed: int

    @property
    def unit(self) -> float:
        """Pixels per 1/720 of the short side."""
        return min(self.width, self.height) / 720


@dataclass(frozen=True, slots=True)
class StylePreset:
    """The effects of a style in the order in which they are laid on."""

    effects: tuple[Effect, ...]
    has_headline: bool = False

    def apply(self, planes: Planes, seconds: float) -> None:
        """Lay the style over the frame of a moment."""
        for effect in self.effects:
            effect.apply(planes, seconds)


def preset_for(style: Style, params: PresetParams) -> StylePreset:
    """Return the look of a style."""
    effects: tuple[Effect, ...] = (_GradeEffect(GRADES[style]), *_EFFECTS[style](params))
    if style in SHAKES:
        effects = (Shake(SHAKES[style], params.unit), *effects)
    if style in {Style.ANIME, Style.COMIC}:
        # Outlines are found before the steps of the grade make edges of their own.
        outlines = Outlines(params.unit, heavy=style is Style.COMIC)
        effects = (outlines.detector(), *effects, outlines)
    return StylePreset(effects, has_headline=style is Style.NEWS)


GRADES: dict[Style, ColourGrade] = {
    Style.FESTIVE: ColourGrade(gain=0.86, gamma=1.12, saturation=1.35, blue=-14, red=17),
    Style.KAKALAKA: ColourGrade(gain=1.05, gamma=0.9, saturation=1.5, blue=8, red=12),
    Style.NEWS: ColourGrade(gain=1.05, gamma=0.94, saturation=0.85, blue=5, red=-3),
    Style.SELFIE: ColourGrade(gain=0.90, lift=0.12, gamma=0.85, saturation=0.95, blue=-1, red=8),
    Style.HANDHELD: ColourGrade(gain=0.96, gamma=1.06, saturation=0.72, blue=-2, red=-2),
    Style.GOLDEN: ColourGrade(gain=1.02, saturation=1.1, blue=-26, red=17),
    Style.ANIME: ColourGrade(gain=1.10, gamma=0.88, saturation=1.55, steps=12),
    Style.RETRO: ColourGrade(gain=0.80, lift=0.08, saturation=0.75, blue=8, red=10),
    Style.NOSTALGIC: ColourGrade(
        gain=0.80, lift=0.11, gamma=0.95, saturation=0.22, blue=-17, red=11
    ),
    Style.COMIC: ColourGrade(gain=1.12, gamma=0.95, saturation=1.8, steps=5),
}


class _GradeEffect:
    """A grade as an effect."""

    def __init__(self, grade: ColourGrade) -> None:
        self._grader = Grader(grade)

    def apply(self, planes: Planes, seconds: float) -> None:
        self._grader.apply(planes)


def _festive(params: PresetParams) -> tuple[Effect, ...]:
    return (
        Vignette(params.width, params.height, 44),
        Bulbs(params.width, params.height, params.seed),
    )


def _kakalaka(params: PresetParams) -> tuple[Effect, ...]:
    return (Rainbow(params.width, params.height),)


def _news(params: PresetParams) -> tuple[Effect, ...]:
    return (NewsBar(params.width, params.height, params.headline),)


def _selfie(params: PresetParams) -> tuple[Effect, ...]:
    return (
        SoftLight(params.width, params.height, (0.5, 0.42), 46),
        Border(params.width, params.height),
    )


def _handheld(params: PresetParams) -> tuple[Effect, ...]:
    return (
        Vignette(params.width, params.height, 40),
        Grain(params.seed, 5),
        Viewfinder(params.width, params.height),
    )


def _golden(params: PresetParams) -> tuple[Effect, ...]:
    return (
        SoftLight(params.width, params.height, (0.86, 0.04), 90, colour=(-40, 26)),
        Vignette(params.width, params.height, 44),
    )


def _anime(params: PresetParams) -> tuple[Effect, ...]:
    return (SoftLight(params.width, params.height, (0.2, -0.1), 60, colour=(12, -4)),)


def _retro(params: PresetParams) -> tuple[Effect, ...]:
    return (
        ChromaBleed(params.unit),
        Scanlines(params.unit),
        Grain(params.seed, 9),
        Vignette(params.width, params.height, 60),
    )


def _nostalgic(params: PresetParams) -> tuple[Effect, ...]:
    return (
        Vignette(params.width, params.height, 84),
        Grain(params.seed, 8),
        Scratches(params.width, params.height, params.seed),
        Letterbox(params.width, params.height),
    )


def _comic(params: PresetParams) -> tuple[Effect, ...]:
    return (Halftone(params.width, params.height, params.unit),)


_EFFECTS: dict[Style, Callable[[PresetParams], tuple[Effect, ...]]] = {
    Style.FESTIVE: _festive, Style.KAKALAKA: _kakalaka, Style.NEWS: _news,
    Style.SELFIE: _selfie, Style.HANDHELD: _handheld, Style.GOLDEN: _golden,
    Style.ANIME: _anime, Style.RETRO: _retro, Style.NOSTALGIC: _nostalgic, Style.COMIC: _comic,
}  # fmt: skip
