"""Generation parameters of a request that go to its engine, and their names."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")

MAX_LORAS = 4
"""The most LoRAs of one request."""

ParameterValue = str | int | float | bool


class Parameter(StrEnum):
    """A generation parameter that an engine may take; the value is its name in requests."""

    SEED = "seed"
    STYLE = "style"
    NUM_FRAMES = "num_frames"
    FPS = "fps"
    NEGATIVE_PROMPT = "negative_prompt"
    NUM_INFERENCE_STEPS = "num_inference_steps"
    GUIDANCE_SCALE = "guidance_scale"
    GUIDANCE_SCALE_2 = "guidance_scale_2"
    GENERATE_AUDIO = "generate_audio"
    LORA = "lora"
    LAST_FRAME = "last_frame"
    REFERENCE_IMAGES = "reference_images"
    FRAME_INTERPOLATION_EXP = "frame_interpolation_exp"
    UPSCALING_SCALE = "upscaling_scale"


VIDEO_PARAMETERS = frozenset(
    {
        Parameter.NUM_FRAMES,
        Parameter.FPS,
        Parameter.GENERATE_AUDIO,
        Parameter.LAST_FRAME,
        Parameter.REFERENCE_IMAGES,
        Parameter.FRAME_INTERPOLATION_EXP,
        Parameter.UPSCALING_SCALE,
    }
)
"""The parameters that requests for images do not have."""

POST_PARAMETERS = frozenset({Parameter.FRAME_INTERPOLATION_EXP, Parameter.UPSCALING_SCALE})
"""The parameters of steps after the render, which change the plan and the price."""


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA by its name here, and the ``upstream`` name or path at its engine's server."""

    name: str
    weight: float = 1.0
    upstream: str = ""


@dataclass(frozen=True, slots=True)
class RenderParameters:
    """Parameters that a request asks for; None and empty: the engine's own.

    ``num_frames`` and ``fps`` are set when the request names them; the frames and the rate to
    render are those of the plan. ``extra_params`` are further ones, by the names that an engine
    declares. The steps of ``frame_interpolation_exp`` and ``upscaling_scale`` are in the plan
    already; a job never inherits them.
    """

    num_frames: int | None = None
    fps: int | None = None
    negative_prompt: str | None = None
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    guidance_scale_2: float | None = None
    generate_audio: bool | None = None
    lora: tuple[Lora, ...] = ()
    extra_params: Mapping[str, ParameterValue] = field(default_factory=dict)
    frame_interpolation_exp: int | None = None
    upscaling_scale: int | None = None

    def inheriting(self, parent: RenderParameters) -> RenderParameters:
        """Return these with the parent's where none is named; its length and rate are in its plan.

        Extra parameters are inherited one by one.
        """
        return RenderParameters(
            num_frames=self.num_frames,
            fps=self.fps,
            negative_prompt=_or(self.negative_prompt, parent.negative_prompt),
            num_inference_steps=_or(self.num_inference_steps, parent.num_inference_steps),
            guidance_scale=_or(self.guidance_scale, parent.guidance_scale),
            guidance_scale_2=_or(self.guidance_scale_2, parent.guidance_scale_2),
            generate_audio=_or(self.generate_audio, parent.generate_audio),
            lora=self.lora or parent.lora,
            extra_params={**parent.extra_params, **self.extra_params},
        )

    def given(self) -> list[Parameter]:
        """Return the parameters that are named; the extra ones aside."""
        # Most jobs have none, and lists ask for those of every job.
        if self is NO_PARAMETERS or self == NO_PARAMETERS:
            return []
        return [one for one in _FIELDS if getattr(self, one) not in (None, ())]

    def only(self, taken: Container[str], extra: Container[str]) -> RenderParameters:
        """Return these without the parameters, and the extra ones, that are not taken."""
        dropped: dict[str, Any] = {
            one.value: () if one is Parameter.LORA else None
            for one in self.given()
            if one not in taken
        }
        if not dropped and not self.extra_params:
            return self
        kept = {name: value for name, value in self.extra_params.items() if name in extra}
        return replace(self, **dropped, extra_params=kept)


NO_PARAMETERS = RenderParameters()
_FIELDS = tuple(one for one in Parameter if one in RenderParameters.__dataclass_fields__)


def _or(own: T | None, inherited: T | None) -> T | None:
    return inherited if own is None else own
