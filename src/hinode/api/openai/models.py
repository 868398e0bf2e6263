"""The model routes of the OpenAI dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.context import ApiContext, EngineInfo
from hinode.api.json_text import json_response
from hinode.api.request_errors import no_route
from hinode.core.catalog.grammar import families_of
from hinode.core.catalog.types import Model, Price
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class ModelRoutes:
    """One method per route."""

    context: ApiContext

    async def listing(self, request: Request) -> Response:
        """List the models, with the sizes, lengths and price of each under `hinode`."""
        await self._prove(request)
        models = self.context.core.jobs.catalog.models()
        data = [_model(one, self.context.engines) for one in models]
        return json_response({"object": "list", "data": data})

    async def videos(self, request: Request) -> Response:
        """Ours: say of each video model what may be asked of it, what it costs and who renders."""
        await self._prove(request)
        models = self.context.core.jobs.catalog.models()
        data = [
            _video_model(one, self.context.engines) for one in models if one.kind is MediaKind.VIDEO
        ]
        return json_response({"object": "list", "data": data})

    async def retrieve(self, request: Request, model_id: str) -> Response:
        """Return one model by any of its names. A `/` in it may come as `%2F`."""
        await self._prove(request)
        if not model_id:
            raise no_route(request.url.path)
        return json_response(_model(self._find(model_id), self.context.engines))

    async def _prove(self, request: Request) -> None:
        # Whatever a key is for, its owner may look at what is offered.
        auth = self.context.core.auth
        await self.context.call(auth.authenticate, secret_of(request), None)

    def _find(self, name: str) -> Model:
        try:
            return self.context.core.jobs.catalog.get(name)
        except HinodeError as error:
            # Words that break the grammar are a bad request elsewhere; here there is no such thing.
            raise HinodeError(
                ErrorCode.MODEL_NOT_FOUND, error.message, param="model", hint=error.hint
            ) from error


_FRAME_RULE = "fps * seconds"
_NOT_INSTALLED = "This engine is not installed here."


def _model(one: Model, engines: Mapping[str, EngineInfo]) -> dict[str, Any]:
    """Return OpenAI's model object, with what the model offers under ``hinode``."""
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
        "seconds": _texts(one.seconds) if is_video else [],
        "fps": one.fps,
        "max_outputs": _max_outputs(one, engines),
        "credits": one.price.credits,
        "credits_per": one.price.per.value,
        **_names(one),
    }
    return {**_head(one), "hinode": details}


def _video_model(one: Model, engines: Mapping[str, EngineInfo]) -> dict[str, Any]:
    """Return all that a client needs to know before it asks for a video."""
    engine = engines.get(one.engine)
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
        "inputs": ["text", "first_frame"] if _takes_first_frame(one, engines) else ["text"],
        "audio": engine.audio if engine else None,
        "max_outputs": _max_outputs(one, engines),
        "price": _price(one.price),
        "engine": {
            "name": one.engine,
            "installed": engine is not None,
            "description": engine.description if engine else _NOT_INSTALLED,
            "licence": _licence(one, engine),
        },
        **_names(one),
    }


def _renderers(one: Model, engines: Mapping[str, EngineInfo]) -> list[EngineInfo]:
    """Return the model's engines that are installed; a job may go to any of them."""
    names = [route.engine for route in one.routes] or [one.engine]
    return [engines[name] for name in names if name in engines]


def _max_outputs(one: Model, engines: Mapping[str, EngineInfo]) -> int:
    return min([one.max_outputs, *(each.max_outputs for each in _renderers(one, engines))])


def _takes_first_frame(one: Model, engines: Mapping[str, EngineInfo]) -> bool:
    found = _renderers(one, engines)
    return bool(found) and all(each.first_frame for each in found)


def _price(price: Price) -> dict[str, Any]:
    """Return a price: per unit, in HD, and in the sizes that have their own."""
    sizes = {str(size): credits for size, credits in price.sizes}
    hd = price.credits if price.hd is None else price.hd
    return {"credits": price.credits, "per": price.per.value, "hd_credits": hd, "sizes": sizes}


def _head(one: Model) -> dict[str, Any]:
    created = int(one.created_at.timestamp())
    return {"id": one.id, "object": "model", "created": created, "owned_by": "hinode"}


def _names(one: Model) -> dict[str, Any]:
    """Return the model's other names: a list, and the grammar of those that have words."""
    families = [
        {"head": family.head, "words": list(family.words)} for family in families_of(one.id)
    ]
    return {"aliases": list(one.aliases), "names": families}


def _licence(one: Model, engine: EngineInfo | None) -> str | None:
    """Return the licence of the weights where they are known, else the engine's."""
    return one.licence or (engine.licence if engine else None)


def _texts(values: tuple[object, ...]) -> list[str]:
    return [str(value) for value in values]
