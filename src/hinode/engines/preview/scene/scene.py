"""Put one scene together, frame by frame: sky, layers, water and figures, then the finish."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Protocol

import av
from PIL import Image

from hinode.engines.base import RenderSpec, Style
from hinode.engines.preview.drawing.planes import planes_of
from hinode.engines.preview.scene.animated_image import AnimatedImage
from hinode.engines.preview.scene.camera import CameraPath, CameraView
from hinode.engines.preview.scene.description import SceneDescription
from hinode.engines.preview.scene.figure import FLOATING, FLYING, Figure
from hinode.engines.preview.scene.palette import palette_for
from hinode.engines.preview.scene.post_processing import PostProcessor
from hinode.engines.preview.scene.ridges import Ridges
from hinode.engines.preview.scene.sky import Sky, SkySize
from hinode.engines.preview.scene.terms import Place
from hinode.engines.preview.scene.terrain import TERRAINS, has_water, layers_for, shore_for
from hinode.engines.preview.scene.water import Water
from hinode.engines.preview.styles.grade import NEUTRAL, ColourGrade, Grader

# How often the sky is drawn anew, at least.
SKY_FPS = 10
# Where a second figure goes, in parts of the frame's width from the first.
COMPANION_OFFSET = -0.25


class Background(Protocol):
    """The first layer of a frame."""

    def frame(self, seconds: float) -> av.VideoFrame:
        """Return a new yuv420p frame of the moment ``seconds``."""
        ...


class DrawnBackground:
    """A place drawn from the prompt."""

    def __init__(self, description: SceneDescription, spec: RenderSpec, path: CameraPath) -> None:
        width, height = spec.width, spec.height
        unit = min(width, height) / 720
        palette = palette_for(description)
        horizon = round(height * TERRAINS[description.place].horizon / 2) * 2
        self._width, self._height, self._fps = width, height, spec.fps
        self._path, self._unit = path, unit
        self._sky = Sky(description, palette, SkySize(width, height, horizon, unit))
        layers = layers_for(description, palette, width, height, unit)
        wet = has_water(description.place)
        self._ridges = Ridges(layers, width, height, horizon if wet else height)
        self._last, self._horizon = len(layers) - 1, horizon
        figures = _figure_descriptions(description)
        walks = any(one.subject not in FLYING | FLOATING for one in figures)
        needs_shore = description.place is Place.CITY or (wet and walks)
        self._shore = (
            Ridges([shore_for(description, palette, width, height, unit)], width, height, height)
            if needs_shore
            else None
        )
        self._figures = [
            Figure(
                one.subject,
                one,
                palette,
                width=width,
                height=height,
                offset=COMPANION_OFFSET * index,
            )
            for index, one in enumerate(figures)
            if one.subject
        ]
        self._foot = height * 0.055
        self._water = (
            Water(
                description, palette, width=width, height=height, top=horizon, unit=unit,
                sun_x=self._sky.sun_x,
            )
            if wet
            else None
        )  # fmt: skip

    def frame(self, seconds: float) -> av.VideoFrame:
        """Return a new frame with everything that belongs to the place."""
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
            figure.draw(
                planes, seconds, self._path.first_duration, self._ground_row(view), self._horizon
            )
        return frame

    def _view(self, seconds: float) -> CameraView:
        return self._path.view(seconds, self._unit)

    def _sky_seconds(self, seconds: float) -> float:
        """Return the sky's time: held a little as clouds are slow, except while the sky turns."""
        if self._path.orbits:
            return seconds
        hold = max(1, self._fps // SKY_FPS)
        return round(seconds * self._fps) // hold * hold / self._fps

    def _ground_row(self, view: CameraView) -> float:
        """Return the row of a figure: a little into the nearest ground, or on the water."""
        if self._shore is not None:
            return self._shore.base(0, view) + self._foot
        if self._water is not None:
            return self._horizon + self._foot * 2.4
        return self._ridges.base(self._last, view) + self._foot


def _figure_descriptions(description: SceneDescription) -> list[SceneDescription]:
    """Return a description per figure, with its subject and tint, the foremost first."""
    figures = [description] if description.subject else []
    if description.companion:
        other = description.companion
        figures.append(replace(description, subject=other.subject, tint=other.tint))
    return figures


class Scene:
    """All frames of one scene, which may begin on a picture.

    ``path`` is the camera's where it is not the description's own move. ``start`` is the frame of
    the whole video on which the scene begins. ``grade`` changes the light of what is seen. Over a
    picture the weather comes ``fade_in``, unless that is turned off: the first frame is the
    picture.
    """

    def __init__(
        self,
        spec: RenderSpec,
        description: SceneDescription,
        picture: Image.Image | None,
        *,
        path: CameraPath | None = None,
        start: int = 0,
        grade: ColourGrade = NEUTRAL,
        fade_in: bool = True,
        caption_on_top: bool = False,
    ) -> None:
        self._spec, self._description = spec, description
        self._grader = Grader(grade) if grade != NEUTRAL else None
        self._background: Background = (
            AnimatedImage(picture, description.move, spec.seconds)
            if picture is not None
            else DrawnBackground(
                description, spec, path or CameraPath.of(description.move, spec.seconds)
            )
        )
        self._fade_in, self._start = fade_in and picture is not None, start
        self._caption_on_top = caption_on_top
        self._processor = self._post_processor(spec.style)

    def with_style(self, style: Style | None) -> Scene:
        """Return the same scene in another style; what lies under the style is shared."""
        other = copy(self)
        other._processor = self._post_processor(style)
        return other

    def frame(self, index: int) -> av.VideoFrame:
        """Return frame ``index`` of the scene, yuv420p."""
        seconds = index / self._spec.fps
        frame = self._background.frame(seconds)
        planes = planes_of(frame)
        if self._grader is not None:
            self._grader.apply(planes)
        self._processor.apply(planes, seconds)
        return frame

    def _post_processor(self, style: Style | None) -> PostProcessor:
        return PostProcessor(
            replace(self._spec, style=style),
            self._description,
            fade_in=self._fade_in,
            start=self._start,
            caption_on_top=self._caption_on_top,
        )
