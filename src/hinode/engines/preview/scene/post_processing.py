"""Overlays of every frame: characters, weather, style, caption and watermark."""

from __future__ import annotations

from hinode.engines.base import RenderSpec
from hinode.engines.preview.drawing.planes import Planes
from hinode.engines.preview.inputs import open_image
from hinode.engines.preview.scene.caption import Caption
from hinode.engines.preview.scene.characters import MAX_CHARACTERS, CharacterImages
from hinode.engines.preview.scene.description import SceneDescription
from hinode.engines.preview.scene.palette import palette_for
from hinode.engines.preview.scene.particles import weather_layer_for
from hinode.engines.preview.scene.watermark import Watermark
from hinode.engines.preview.styles.presets import PresetParams, preset_for

# A character's picture is decoded no larger than this.
CHARACTER_IMAGE_SIDE = 512
# Where characters stand, as a part of the height.
CHARACTER_BOTTOM = 0.83


class PostProcessor:
    """The finish of one scene. With ``fade_in``, weather comes in as the caption does.

    ``start`` is the frame of the whole video on which the scene begins: the mark goes on from
    scene to scene. Raises :class:`BadSource` when a character's picture cannot be read.
    """

    def __init__(
        self,
        spec: RenderSpec,
        description: SceneDescription,
        *,
        fade_in: bool,
        start: int = 0,
        caption_on_top: bool = False,
    ) -> None:
        width, height = spec.width, spec.height
        self._fade_in, self._total, self._start = fade_in, spec.seconds, start / spec.fps
        unit = min(width, height) / 720
        self._weather = weather_layer_for(
            description, palette_for(description), width, height, unit
        )
        self._preset = (
            preset_for(spec.style, PresetParams(width, height, spec.prompt, spec.seed))
            if spec.style
            else None
        )
        has_headline = self._preset is not None and self._preset.has_headline
        self._caption = (
            None if has_headline else Caption(spec.prompt, width, height, top=caption_on_top)
        )
        self._characters = _characters(spec)
        self._watermark = Watermark(width, height) if spec.watermark else None

    def apply(self, planes: Planes, seconds: float) -> None:
        """Finish the frame of the scene's moment ``seconds``."""
        shown = self._shown(seconds)
        if self._characters is not None:
            self._characters.draw(planes, seconds)
        if self._weather is not None:
            self._weather.draw(planes, seconds, shown if self._fade_in else 1.0)
        if self._preset is not None:
            self._preset.apply(planes, seconds)
        if self._characters is not None:
            self._characters.draw_names(planes, seconds)
        if self._caption is not None:
            self._caption.draw(planes, shown)
        if self._watermark is not None:
            self._watermark.draw(planes, self._start + seconds)

    def _shown(self, seconds: float) -> float:
        fade = min(1.0, self._total * 0.3)
        part = min(1.0, max(0.0, seconds / max(fade, 1e-6)))
        return part * part * (3 - 2 * part)


def _characters(spec: RenderSpec) -> CharacterImages | None:
    if not spec.characters:
        return None
    characters = [
        (
            one.name,
            open_image(
                one.picture,
                CHARACTER_IMAGE_SIDE,
                CHARACTER_IMAGE_SIDE,
                f"the picture of '{one.name}'",
            ),
        )
        for one in spec.characters[:MAX_CHARACTERS]
    ]
    return CharacterImages(
        characters, spec.width, spec.height, bottom=spec.height * CHARACTER_BOTTOM
    )
