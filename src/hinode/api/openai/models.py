"""The model routes of the OpenAI dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.request_errors import no_route
from hinode.core.catalog.capabilities import EngineCapabilities
from hinode.core.catalog.grammar import families_of
from hinode.core.catalog.types import Model, Price
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.parameters import VIDEO_PARAMETERS, Parameter
from hinode.media.post_steps import PostStep
from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class ModelRoutes:
    """Handlers of model routes; any valid key may call them."""

    context: ApiContext

    async def listing(self, request: Request) -> Response:
        """List models.

        The extension `hinode` has the sizes, lengths and price of each model.
        """
        await self._authenticate(request)
        models = self.context.core.jobs.catalog.models()
        data = [model_object(one, self.context.engines) for one in models]
        return json_response({"object": "list", "data": data})

    async def videos(self, request: Request) -> Response:
        """List video models with parameters, prices and engines (extension)."""
        await self._authenticate(request)
        models = self.context.core.jobs.catalog.models()
        data = [
            video_model_object(one, self.context.engines)
            for one in models
            if one.kind is MediaKind.VIDEO
        ]
        return json_response({"object": "list", "data": data})

    async def retrieve(self, request: Request, model_id: str) -> Response:
        """Retrieve a model by its id or an alias.

        A `/` in the name may be sent as `%2F`.
        """
        await self._authenticate(request)
        if not model_id:
            raise no_route(request.url.path)
        return json_response(model_object(self._find(model_id), self.context.engines))

    async def _authenticate(self, request: Request) -> None:
        # No scope: the models are the same for every key.
        auth = self.context.core.auth
        await self.context.call(auth.authenticate, secret_of(request), None)

    def _find(self, name: str) -> Model:
        try:
            return self.context.core.jobs.catalog.get(name)
        except HinodeError as error:
            # An invalid model name is 400 in a create; here the resource does not exist.
            raise HinodeError(
                ErrorCode.MODEL_NOT_FOUND, error.message, param="model", hint=error.hint
            ) from error


_FRAME_RULE = "fps * seconds"
_NOT_INSTALLED = "No worker has offered this engine."


def model_object(one: Model, engines: Mapping[str, EngineCapabilities]) -> dict[str, Any]:
    """Return OpenAI's model object with the extension ``hinode``."""
    engine = engines.get(one.engine)
    is_video = one.kind is MediaKind.VIDEO
    details = {
        "kind": one.kind.value,
        "model": one.alias_of or one.id,
        "engine": one.engine,
        "description": engine.description if engine else _NOT_INSTALLED,
        "licence": _licence(one, engine),
        "sizes": _texts(one.sizes),
        "any_size": one.any_size,
        "inputs": _inputs(one, engines),
        "seconds": _texts(one.seconds) if is_video else [],
        "fps": one.fps,
        "max_outputs": _max_outputs(one, engines),
        **_parameters(one, engines),
        "credits": one.price.credits,
        "credits_per": one.price.per.value,
        **_names(one),
    }
    return {**_head(one), "hinode": details}


def video_model_object(one: Model, engines: Mapping[str, EngineCapabilities]) -> dict[str, Any]:
    """Return the JSON of a video model: parameters, prices, engine."""
    engine, renderers = engines.get(one.engine), _renderers(one, engines)
    return {
        **_head(one),
        "sizes": _texts(one.sizes),
        "hd_sizes": [str(size) for size in one.sizes if size in one.hd_sizes],
        "any_size": one.any_size,
        "durations": _texts(one.seconds),
        "hd_durations": _texts(one.hd_seconds),
        "default_size": str(one.sizes[0]),
        "default_duration": str(one.seconds[0]),
        "frames": {"fps": one.fps, "rule": str(one.rule) if one.rule else _FRAME_RULE},
        "canvases": _texts(one.rule.canvases) if one.rule else _texts(one.sizes),
        "inputs": _inputs(one, engines),
        "audio": any(each.audio for each in renderers) if renderers else None,
        "max_outputs": _max_outputs(one, engines),
        "max_fps": one.max_fps,
        "max_total_pixels": one.total_pixels,
        **_parameters(one, engines),
        "price": _price(one.price),
        "engine": {
            "name": one.engine,
            "installed": engine is not None,
            "description": engine.description if engine else _NOT_INSTALLED,
            "licence": _licence(one, engine),
        },
        **_names(one),
    }


def _renderers(one: Model, engines: Mapping[str, EngineCapabilities]) -> list[EngineCapabilities]:
    """Return the known engines of a model; the router chooses one per job."""
    return [
        engines[route.engine].at(own.upstream) for route, own in one.ways if route.engine in engines
    ]


def _max_outputs(one: Model, engines: Mapping[str, EngineCapabilities]) -> int:
    """Return the most outputs of a request: an engine that renders fewer gets no such job."""
    found = [each.max_outputs for each in _renderers(one, engines)]
    return min(one.max_outputs, max(found, default=one.max_outputs))


def _parameters(one: Model, engines: Mapping[str, EngineCapabilities]) -> dict[str, Any]:
    """Return the generation parameters that all installed engines of a model take."""
    found = _renderers(one, engines)
    taken = set.intersection(*(set(each.parameters) for each in found)) if found else set()
    extra = set.intersection(*(set(each.extra_params) for each in found)) if found else set()
    if not one.loras:
        taken.discard(Parameter.LORA)
    taken -= {step.parameter for step in PostStep if step not in one.post_steps}
    if one.kind is MediaKind.IMAGE:
        taken -= VIDEO_PARAMETERS
    return {
        "parameters": [name.value for name in Parameter if name in taken],
        "extra_params": sorted(extra),
        "loras": list(one.loras),
    }


def _inputs(one: Model, engines: Mapping[str, EngineCapabilities]) -> list[str]:
    """Return what a request may bring: what an engine of the model takes; others get no such job.

    Without ``text`` it must bring the picture.
    """
    known = [(way, engines.get(way[0].engine)) for way in one.ways]
    ways = [(own, found.at(own.upstream)) for (_, own), found in known if found is not None]
    framed = any(own.first_frame and engine.first_frame for own, engine in ways)
    plain = not ways or any(
        not (engine.needs_picture or engine.needs_last_frame) for _, engine in ways
    )
    if one.kind is MediaKind.IMAGE:
        changed = not ways or any(engine.max_pictures != 0 for _, engine in ways)
        picture = ["image"] if changed else []
    else:
        picture = ["first_frame"] if framed else []
    return [*(["text"] if plain else []), *picture]


def _price(price: Price) -> dict[str, Any]:
    """Return the JSON of a price: default, HD, and per size."""
    sizes = {str(size): credits for size, credits in price.sizes}
    hd = price.credits if price.hd is None else price.hd
    return {"credits": price.credits, "per": price.per.value, "hd_credits": hd, "sizes": sizes}


def _head(one: Model) -> dict[str, Any]:
    created = int(one.created_at.timestamp())
    return {"id": one.id, "object": "model", "created": created, "owned_by": "hinode"}


def _names(one: Model) -> dict[str, Any]:
    """Return the aliases of a model, and the grammar of its composed names."""
    families = [
        {"head": family.head, "words": list(family.words)} for family in families_of(one.id)
    ]
    return {"aliases": list(one.aliases), "names": families}


def _licence(one: Model, engine: EngineCapabilities | None) -> str | None:
    """Return the licence of the model's weights if known, else the engine's."""
    return one.licence or (engine.at(one.upstream).licence if engine else None)


def _texts(values: tuple[object, ...]) -> list[str]:
    return [str(value) for value in values]
