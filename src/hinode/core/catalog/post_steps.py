"""Steps after the render in plans and prices: what a request asks for, and what the model has."""

from __future__ import annotations

from collections.abc import Container

from hinode.core.catalog.rejections import supported_values, unsupported
from hinode.core.catalog.types import Model, RenderPlan
from hinode.core.errors import HinodeError
from hinode.media.parameters import Parameter, RenderParameters
from hinode.media.post_steps import PostStep, PostSteps

MAX_SIDE, MAX_FPS = 4096, 120
"""The largest side and rate of a video after the steps: what players still show."""


def with_post_steps(model: Model, plan: RenderPlan, parameters: RenderParameters) -> RenderPlan:
    """Return the plan of a video with the steps that are asked for.

    Raises :class:`HinodeError` for a step that the model does not have, or that goes too far.
    """
    steps = PostSteps.of(parameters)
    if not steps:
        return plan
    for step in _requested(parameters):
        if step not in model.post_steps:
            raise refused(step, model.id, [one.parameter for one in model.post_steps])
    made = steps.applied(plan)
    _check_bounds(plan, made)
    return made


def rendered_plan(plan: RenderPlan, parameters: RenderParameters) -> RenderPlan:
    """Return what the model itself renders of a plan."""
    return PostSteps.of(parameters).rendered(plan)


def post_credits(model: Model, parameters: RenderParameters) -> int:
    """Return the credits that the steps add to each unit of the price."""
    return sum(model.post_steps.get(step, 0) for step in _requested(parameters))


def reject_post_steps(parameters: RenderParameters, what: str) -> None:
    """Raise :class:`HinodeError` where steps are asked for that only other videos have."""
    for step in _requested(parameters):
        name = step.parameter.value
        raise unsupported(f"'{name}' is for new videos, not for {what}.", name, "Leave it out.")


def check_kept(model: Model, parameters: RenderParameters, taken: Container[Parameter]) -> None:
    """Raise :class:`HinodeError` where an earlier request had a step that is withdrawn since."""
    for step in _requested(parameters):
        if step.parameter not in taken:
            raise unsupported(
                f"This job was made with {step.words}, which {model.id} has no more.",
                step.parameter.value,
                "Offer it again in the model's 'post_steps', or send a new request without it.",
            )


def refused(step: PostStep, model_id: str, taken: Container[Parameter]) -> HinodeError:
    """Return the error for a step that a model does not have; ``taken`` are those it has."""
    have = tuple(one.parameter.value for one in PostStep if one.parameter in taken)
    hint = supported_values(have) if have else "Leave it out, or use another model."
    message = f"{model_id} has no {step.words} here."
    return unsupported(message, step.parameter.value, hint)


def _requested(parameters: RenderParameters) -> list[PostStep]:
    given = parameters.given()
    return [step for step in PostStep if step.parameter in given] if given else []


def _check_bounds(plan: RenderPlan, made: RenderPlan) -> None:
    if max(made.width, made.height) > MAX_SIDE:
        most = MAX_SIDE // max(plan.width, plan.height)
        raise unsupported(
            f"A video of {made.size} is larger than {MAX_SIDE} pixels.",
            PostStep.UPSCALING.parameter.value,
            f"Send at most {most}." if most > 1 else "Leave it out, or ask for a smaller size.",
        )
    if made.fps > MAX_FPS:
        raise unsupported(
            f"{made.fps} frames per second are more than {MAX_FPS}.",
            PostStep.FRAME_INTERPOLATION.parameter.value,
            "Send a lower one, or a lower 'fps'.",
        )
