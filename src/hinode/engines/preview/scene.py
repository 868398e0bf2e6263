"""Put one scene together, frame by frame: sky, layers, water and figures, then the finish."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Protocol

import av
from PIL import Image

from hinode.engines.base import RenderSpec, Style
from hinode.engines.preview.camera import Path, View
from hinode.engines.preview.direction import Direction
from hinode.engines.preview.finish import Finish
from hinode.engines.preview.grade import NEUTRAL, Grade, Grader
from hinode.engines.preview.palette import palette_for
from hinode.engines.preview.photo import Photo
from hinode.engines.preview.planes import planes_of
from hinode.engines.preview.ridges import Ridges
from hinode.engines.preview.sky import Sky, SkySize
from hinode.engines.preview.subject import AFLOAT, FLYING, Figure
from hinode.engines.preview.terrain import GROUNDS, has_water, layers_for, shore_for
from hinode.engines.preview.water import Water
from hinode.engines.preview.words import Place

# How often the sky is drawn anew, at least.
SKY_FPS = 10
# Where a second figure goes, in parts of the frame's width from the first.
BESIDE = -0.25


class Ground(Protocol):
    """What a frame begins with, before anything is laid over it."""

    def frame(self, seconds: float) -> av.VideoFrame:
        """A new yuv420p frame of the moment ``seconds``."""
        ...


class DrawnGround:
    """A place drawn from the prompt."""

    def __init__(self, direction: Direction, spec: RenderSpec, path: Path) -> None:
        width, height = spec.width, spec.height
        unit = min(width, height) / 720
        palette = palette_for(direction)
        horizon = round(height * GROUNDS[direction.place].horizon / 2) * 2
        self._width, self._height, self._fps = width, height, spec.fps
        self._path, self._unit = path, unit
        self._sky = Sky(direction, palette, SkySize(width, height, horizon, unit))
        layers = layers_for(direction, palette, width, height, unit)
        wet = has_water(direction.place)
        self._ridges = Ridges(layers, width, height, horizon if wet else height)
        self._last, self._horizon = len(layers) - 1, horizon
        cast = _cast(direction)
        walks = any(one.subject not in FLYING | AFLOAT for one in cast)
        needs_shore = direction.place is Place.CITY or (wet and walks)
        self._shore = (
            Ridges([shore_for(direction, palette, width, height, unit)], width, height, height)
            if needs_shore
            else None
        )
        self._figures = [
            Figure(one.subject, one, palette, width=width, height=height, beside=BESIDE * index)
            for index, one in enumerate(cast)
            if one.subject
        ]
        self._foot = height * 0.055
        self._water = (
            Water(
                direction, palette, width=width, height=height, top=horizon, unit=unit,
                sun_x=self._sky.sun_x,
            )
            if wet
            else None
        )  # fmt: skip

    def frame(self, seconds: float) -> av.VideoFrame:
        """A new frame with everything that belongs to the place."""
        view = self._view(seconds)
        frame = av.VideoFrame(self._width, self._height, "yuv420p")
        planes = planes_of(frame)
        sky_seconds = self._sky_seconds(seconds)
        self._sky.draw(planes, sky_seconds, self._view(sky_seconds))
        self._ridges.draw(planes, view)
        if self._water is not None:
            self._water.draw(planes, seconds)
        if self._shore is not None:
            self._shore.draw(planes, view)
        for figure in reversed(self._figures):
            figure.draw(planes, seconds, self._path.total, self._ground(view), self._horizon)
        return frame

    def _view(self, seconds: float) -> View:
        return self._path.view(seconds, self._unit)

    def _sky_seconds(self, seconds: float) -> float:
        """Clouds are slow: their picture is held a little, except while the sky turns."""
        if self._path.turns:
            return seconds
        hold = max(1, self._fps // SKY_FPS)
        return round(seconds * self._fps) // hold * hold / self._fps

    def _ground(self, view: View) -> float:
        """The row where a figure stands: a little into the nearest ground, or on the water."""
        if self._shore is not None:
            return self._shore.base(0, view) + self._foot
        if self._water is not None:
            return self._horizon + self._foot * 2.4
        return self._ridges.base(self._last, view) + self._foot


def _cast(direction: Direction) -> list[Direction]:
    """The direction once for each figure, with its subject and tint; the foremost first."""
    cast = [direction] if direction.subject else []
    if direction.companion:
        other = direction.companion
        cast.append(replace(direction, subject=other.subject, tint=other.tint))
    return cast


class Scene:
    """All frames of one scene, which may begin on a picture.

    ``path`` is the camera's where it is not the direction's own move. ``start`` is the frame of
    the whole video on which the scene begins. ``grade`` changes the light of what is seen. Over a
    picture the weather comes ``slowly``, unless that is turned off: the first frame is the picture.
    """

    def __init__(
        self,
        spec: RenderSpec,
        direction: Direction,
        picture: Image.Image | None,
        *,
        path: Path | None = None,
        start: int = 0,
        grade: Grade = NEUTRAL,
        slowly: bool = True,
        caption_on_top: bool = False,
    ) -> None:
        self._spec, self._direction = spec, direction
        self._grader = Grader(grade) if grade != NEUTRAL else None
        self._ground: Ground = (
            Photo(picture, direction.move, spec.seconds)
            if picture is not None
            else DrawnGround(direction, spec, path or Path.of(direction.move, spec.seconds))
        )
        self._slowly, self._start = slowly and picture is not None, start
        self._caption_on_top = caption_on_top
        self._finish = self._finish_in(spec.style)

    def in_style(self, style: Style | None) -> Scene:
        """The same scene in another style; what lies under the style is shared."""
        other = copy(self)
        other._finish = self._finish_in(style)
        return other

    def frame(self, index: int) -> av.VideoFrame:
        """Frame ``index`` of the scene, yuv420p."""
        seconds = index / self._spec.fps
        frame = self._ground.frame(seconds)
        planes = planes_of(frame)
        if self._grader is not None:
            self._grader.apply(planes)
        self._finish.apply(planes, seconds)
        return frame

    def _finish_in(self, style: Style | None) -> Finish:
        return Finish(
            replace(self._spec, style=style),
            self._direction,
            slowly=self._slowly,
            start=self._start,
            caption_on_top=self._caption_on_top,
        )
