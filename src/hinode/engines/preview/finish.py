"""What is laid over every frame: characters, air, the style, the caption and the mark."""

from __future__ import annotations

from hinode.engines.base import RenderSpec
from hinode.engines.preview.caption import Caption
from hinode.engines.preview.cast import MOST, Cast
from hinode.engines.preview.direction import Direction
from hinode.engines.preview.looks import Sheet, look_for
from hinode.engines.preview.mark import Mark
from hinode.engines.preview.palette import palette_for
from hinode.engines.preview.particles import air_for
from hinode.engines.preview.planes import Planes
from hinode.engines.preview.sources import open_picture

# A character's picture is decoded no larger than this.
PORTRAIT = 512
# Where characters stand, as a part of the height.
FOOT = 0.83


class Finish:
    """The finish of one scene. With ``slowly``, weather comes in as the caption does.

    ``start`` is the frame of the whole video on which the scene begins: the mark goes on from
    scene to scene. Raises :class:`BadSource` when a character's picture cannot be read.
    """

    def __init__(
        self,
        spec: RenderSpec,
        direction: Direction,
        *,
        slowly: bool,
        start: int = 0,
        caption_on_top: bool = False,
    ) -> None:
        width, height = spec.width, spec.height
        self._slowly, self._total, self._start = slowly, spec.seconds, start / spec.fps
        unit = min(width, height) / 720
        self._air = air_for(direction, palette_for(direction), width, height, unit)
        self._look = (
            look_for(spec.style, Sheet(width, height, spec.prompt, spec.seed))
            if spec.style
            else None
        )
        has_headline = self._look is not None and self._look.has_headline
        self._caption = (
            None if has_headline else Caption(spec.prompt, width, height, top=caption_on_top)
        )
        self._cast = _cast(spec)
        self._mark = Mark(width, height) if spec.watermark else None

    def apply(self, planes: Planes, seconds: float) -> None:
        """Finish the frame of the scene's moment ``seconds``."""
        shown = self._shown(seconds)
        if self._cast is not None:
            self._cast.draw(planes, seconds)
        if self._air is not None:
            self._air.draw(planes, seconds, shown if self._slowly else 1.0)
        if self._look is not None:
            self._look.apply(planes, seconds)
        if self._cast is not None:
            self._cast.draw_names(planes, seconds)
        if self._caption is not None:
            self._caption.draw(planes, shown)
        if self._mark is not None:
            self._mark.draw(planes, self._start + seconds)

    def _shown(self, seconds: float) -> float:
        fade = min(1.0, self._total * 0.3)
        part = min(1.0, max(0.0, seconds / max(fade, 1e-6)))
        return part * part * (3 - 2 * part)


def _cast(spec: RenderSpec) -> Cast | None:
    if not spec.characters:
        return None
    people = [
        (one.name, open_picture(one.picture, PORTRAIT, PORTRAIT, f"the picture of '{one.name}'"))
        for one in spec.characters[:MOST]
    ]
    return Cast(people, spec.width, spec.height, bottom=spec.height * FOOT)
