"""The generation parameters that a job was given, in answers of all dialects."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from hinode.api.response_schema import ResponseSchema
from hinode.core.jobs.options import JobOptions
from hinode.core.jobs.types import Job
from hinode.media.parameters import NO_PARAMETERS, Parameter

_IN_PLAN = frozenset({Parameter.NUM_FRAMES, Parameter.FPS})


class LoraObject(ResponseSchema):
    """A LoRA."""

    name: str = Field(description="Name of the LoRA.")
    weight: float = Field(description="Weight from 0 to 2.")


class GivenParameters(ResponseSchema):
    """Parameters that a job was given; those that were not are absent."""

    negative_prompt: str | None = Field(
        default=None, description="Extension: what the result should not show."
    )
    num_inference_steps: int | None = Field(
        default=None, description="Extension: number of denoising steps."
    )
    guidance_scale: float | None = Field(
        default=None, description="Extension: how closely the prompt is followed."
    )
    guidance_scale_2: float | None = Field(
        default=None, description="Extension: guidance of a model's second stage."
    )
    generate_audio: bool | None = Field(
        default=None, description="Extension: false for a video without sound."
    )
    frame_interpolation_exp: int | None = Field(
        default=None, description="Extension: rounds of frame interpolation."
    )
    upscaling_scale: int | None = Field(default=None, description="Extension: factor of upscaling.")
    style: str | None = Field(default=None, description="Extension: style.")
    lora: list[LoraObject] | None = Field(default=None, description="Extension: LoRAs.")
    extra_params: dict[str, float | bool | str] | None = Field(
        default=None, description="Extension: further parameters of the engine."
    )


class NamedParameters(GivenParameters):
    """Parameters that a job was given, in dialects whose answers show nothing of its plan."""

    seed: int | None = Field(
        default=None,
        description="Extension: seed of the first output; further outputs count up from it.",
    )
    size: str | None = Field(default=None, description="Extension: width and height in pixels.")
    num_frames: int | None = Field(default=None, description="Extension: number of frames.")
    fps: int | None = Field(default=None, description="Extension: frames per second.")


def named(**given: object) -> tuple[str, ...]:
    """Return the names of the parameters of a plan that a request has: seed, size."""
    return tuple(name for name, value in given.items() if value is not None)


def named_parameters(job: Job) -> dict[str, Any]:
    """Return the JSON of all parameters that a job was given; empty if there was none."""
    plan, render = job.plan, job.options.parameters
    values = {"seed": plan.seed, "size": str(plan.size)}
    shown: dict[str, Any] = {name: values[name] for name in job.options.named}
    if render.num_frames is not None:
        shown["num_frames"] = plan.frames
    if render.fps is not None:
        shown["fps"] = plan.fps
    return {**shown, **given_parameters(job.options)}


def given_parameters(options: JobOptions) -> dict[str, Any]:
    """Return the JSON of the parameters that a job was given, by their names in requests.

    Its frames, rate, size and seed are those of its plan.
    """
    render = options.parameters
    if render is NO_PARAMETERS and options.style is None:
        return {}
    members = {one.value: getattr(render, one) for one in render.given() if one not in _IN_PLAN}
    if render.lora:
        members["lora"] = [{"name": one.name, "weight": one.weight} for one in render.lora]
    if options.style is not None:
        members["style"] = options.style.value
    if render.extra_params:
        members["extra_params"] = dict(render.extra_params)
    return members
