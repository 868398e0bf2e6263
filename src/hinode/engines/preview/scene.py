"""Put one scene together: sky, layers, water, figure, air, caption and mark, frame by frame."""

from __future__ import annotations

from typing import Protocol

import av
from PIL import Image

from hinode.engines.base import RenderSpec
from hinode.engines.preview.camera import View, view_at
from hinode.engines.preview.caption import Caption
from hinode.engines.preview.direction import Direction
from hinode.engines.preview.mark import Mark
from hinode.engines.preview.palette import palette_for
from hinode.engines.preview.particles import air_for
from hinode.engines.preview.photo import Photo
from hinode.engines.preview.planes import planes_of
from hinode.engines.preview.ridges import Ridges
from hinode.engines.preview.sky import Sky, SkySize
from hinode.engines.preview.subject import AFLOAT, FLYING, Figure
from hinode.engines.preview.terrain import GROUNDS, has_water, layers_for, shore_for
from hinode.engines.preview.water import Water
from hinode.engines.preview.words import Move, Place

# How often the sky is drawn anew, at least.
SKY_FPS = 10


class Ground(Protocol):
    """What a frame begins with, before anything is laid over it."""

    def frame(self, seconds: float) -> av.VideoFrame:
        """A new yuv420p frame of the moment ``seconds``."""
        ...


class DrawnGround:
    """A place drawn from the prompt."""

    def __init__(self, direction: Direction, spec: RenderSpec) -> None:
        width, height = spec.width, spec.height
        unit = min(width, height) / 720
        palette = palette_for(direction)
        horizon = round(height * GROUNDS[direction.place].horizon / 2) * 2
        self._width, self._height, self._fps = width, height, spec.fps
        self._move, self._total, self._unit = direction.move, spec.seconds, unit
        self._sky = Sky(direction, palette, SkySize(width, height, horizon, unit))
        layers = layers_for(direction, palette, width, height, unit)
        wet = has_water(direction.place)
        self._ridges = Ridges(layers, width, height, horizon if wet else height)
        self._last, self._horizon = len(layers) - 1, horizon
        walks = direction.subject is not None and direction.subject not in FLYING | AFLOAT
        needs_shore = direction.place is Place.CITY or (wet and walks)
        self._shore = (
            Ridges([shore_for(direction, palette, width, height, unit)], width, height, height)
            if needs_shore
            else None
        )
        self._figure = (
            Figure(direction.subject, direction, palette, width=width, height=height)
            if direction.subject
            else None
        )
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
        if self._figure is not None:
            self._figure.draw(planes, seconds, self._total, self._ground(view), self._horizon)
        return frame

    def _view(self, seconds: float) -> View:
        return view_at(self._move, seconds, self._total, self._unit)

    def _sky_seconds(self, seconds: float) -> float:
        """Clouds are slow: their picture is held a little, except while the sky turns."""
        if self._move is Move.ORBIT:
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


class Scene:
    """All frames of one output."""

    def __init__(self, spec: RenderSpec, direction: Direction, picture: Image.Image | None) -> None:
        self._spec = spec
        self._ground: Ground = (
            Photo(picture, direction.move, spec.seconds)
            if picture is not None
            else DrawnGround(direction, spec)
        )
        unit = min(spec.width, spec.height) / 720
        palette = palette_for(direction)
        self._air = air_for(direction, palette, spec.width, spec.height, unit)
        self._from_picture = picture is not None
        self._caption = Caption(spec.prompt, spec.width, spec.height)
        self._mark = Mark(spec.width, spec.height) if spec.watermark else None

    def frame(self, index: int) -> av.VideoFrame:
        """Frame ``index`` of the video, yuv420p."""
        seconds = index / self._spec.fps
        shown = self._shown(seconds)
        frame = self._ground.frame(seconds)
        planes = planes_of(frame)
        if self._air is not None:
            # Over a given picture the weather comes slowly: the first frame is the picture.
            self._air.draw(planes, seconds, shown if self._from_picture else 1.0)
        self._caption.draw(planes, shown)
        if self._mark is not None:
            self._mark.draw(planes, seconds)
        return frame

    def _shown(self, seconds: float) -> float:
        fade = min(1.0, self._spec.seconds * 0.3)
        part = min(1.0, max(0.0, seconds / max(fade, 1e-6)))
        return part * part * (3 - 2 * part)
