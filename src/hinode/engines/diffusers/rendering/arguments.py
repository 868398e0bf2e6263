"""The arguments of one call of a pipeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from hinode.engines.base import RenderParameters
from hinode.engines.diffusers.rendering.adapters import Adapter


@dataclass(frozen=True, slots=True)
class PipelineCall:
    """One call of a pipeline, with a legal size and count.

    ``parameters`` are those of the request; ``steps`` and ``guidance`` the operator's, which hold
    where the request names none.
    """

    prompt: str
    width: int
    height: int
    frames: int
    fps: int
    parameters: RenderParameters
    steps: int | None = None
    guidance: float | None = None
    sized: bool = True


def call_arguments(
    adapter: Adapter, call: PipelineCall, taken: Collection[str], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments, less those that the pipeline does not take.

    ``defaults`` are those of the weights and of a distilled model. A request's steps take the place
    of its schedule.
    """
    given = call.parameters
    wanted: dict[str, Any] = {
        **defaults,
        "prompt": call.prompt,
        "negative_prompt": given.negative_prompt,
        "num_inference_steps": _first(
            given.num_inference_steps, call.steps, defaults.get("num_inference_steps")
        ),
        adapter.guidance: _first(
            given.guidance_scale, call.guidance, defaults.get("guidance_scale")
        ),
        "guidance_scale_2": given.guidance_scale_2,
        **(_frame_arguments(adapter, call) if call.frames else {}),
        **({"width": call.width, "height": call.height} if call.sized else {}),
        **adapter.arguments,
    }
    if wanted["num_inference_steps"] is not None:
        wanted.pop("sigmas", None)
    return {name: value for name, value in wanted.items() if name in taken and value is not None}


def with_a_step(arguments: Mapping[str, Any], usual: float | None) -> dict[str, Any]:
    """Return the arguments with a strength at which a picture is changed in one step at least.

    A pipeline that changes a picture renders only that part of its steps, ``usual`` unless told; of
    few steps it would be none, which fails. None: the pipeline has no strength.
    """
    steps = arguments.get("num_inference_steps")
    if usual is None or steps is None or int(steps * usual) > 0:
        return dict(arguments)
    return {**arguments, "strength": min(1.0, 1.001 / steps)}


def _frame_arguments(adapter: Adapter, call: PipelineCall) -> dict[str, Any]:
    rate = {adapter.rate_argument: float(call.fps)} if adapter.rate_argument else {}
    return {adapter.frames_argument: call.frames, **rate}


def _first(*values: Any) -> Any:
    return next((one for one in values if one is not None), None)
