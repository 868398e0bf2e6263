"""Fit the generation parameters of a request to what the engines of its model take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from hinode.core.catalog.capabilities import ParameterSupport
from hinode.core.catalog.params import GenerationParams
from hinode.core.catalog.post_steps import refused
from hinode.core.catalog.rejections import supported_values, unsupported
from hinode.core.catalog.types import Model
from hinode.core.errors import HinodeError
from hinode.core.jobs.requests import ImageRequest, VideoRequest
from hinode.core.jobs.types import Job
from hinode.kit.frozen import with_changes
from hinode.media.parameters import Lora, Parameter, RenderParameters
from hinode.media.post_steps import PostStep
from hinode.media.types import Style

R = TypeVar("R", VideoRequest, ImageRequest)


def fit_request(
    request: R, model: Model, support: ParameterSupport, parent: Job | None = None
) -> R:
    """Return the request with the parameters that are taken, and the names of the others.

    Parameters of the parent apply where the request names none and they are taken. Raises
    :class:`HinodeError` for an unknown LoRA, for a step after the render that there is not, and for
    what is not taken if the request is strict.
    """
    ignored = tuple(_not_taken(request.params, request.style, support))
    if ignored:
        _refuse_ignored(request, ignored, model, support)
    params, render = request.params, _taken(request.params.render, support)
    if render.lora:
        render = replace(render, lora=_known_loras(render.lora, model, support))
    if parent is not None:
        inherited = _inherited(parent.options.parameters, model, support)
        render = render.inheriting(inherited)
    seed = params.seed if Parameter.SEED in support.parameters else None
    style = request.style if Parameter.STYLE in support.parameters else None
    params = with_changes(params, seed=seed, render=render)
    return with_changes(request, params=params, style=style, ignored=ignored)


def _refuse_ignored(
    request: VideoRequest | ImageRequest,
    ignored: tuple[str, ...],
    model: Model,
    support: ParameterSupport,
) -> None:
    for step in PostStep:
        if step.parameter.value in ignored:  # it would change what comes out, and its price
            raise refused(step, model.id, support.parameters)
    if request.strict:
        raise _refused(ignored[0], model)


def _not_taken(
    params: GenerationParams, style: Style | None, support: ParameterSupport
) -> Iterator[str]:
    requested = set(params.render.given())
    if params.seed is not None:
        requested.add(Parameter.SEED)
    if style is not None:
        requested.add(Parameter.STYLE)
    if missing := requested - support.parameters:
        yield from (one.value for one in Parameter if one in missing)
    for name in params.render.extra_params:
        if not support.takes_extra(name):
            yield f"extra_params.{name}"


def _taken(render: RenderParameters, support: ParameterSupport) -> RenderParameters:
    extra = [name for name in render.extra_params if support.takes_extra(name)]
    return render.only(support.parameters, extra)


def _inherited(
    parent: RenderParameters, model: Model, support: ParameterSupport
) -> RenderParameters:
    """Return what is left of the parent's parameters with a model, which may be another one."""
    known = tuple(
        replace(one, upstream=model.loras[one.name])
        for one in parent.lora
        if one.name in model.loras
    )
    return _taken(replace(parent, lora=known), support)


def _known_loras(
    loras: tuple[Lora, ...], model: Model, support: ParameterSupport
) -> tuple[Lora, ...]:
    """Return the LoRAs with their names at the engine's server."""
    if len(loras) > support.max_loras:
        message = f"{model.id} takes at most {support.max_loras} LoRA at once, not {len(loras)}."
        raise unsupported(message, "lora")
    for one in loras:
        if one.name not in model.loras:
            hint = supported_values(tuple(model.loras))
            raise unsupported(f"'{one.name}' is not a LoRA of {model.id}.", "lora", hint)
    return tuple(replace(one, upstream=model.loras[one.name]) for one in loras)


def _refused(name: str, model: Model) -> HinodeError:
    return unsupported(
        f"The engine behind {model.id} does not take '{name}'.",
        name,
        "Leave it out, or use another model.",
    )
