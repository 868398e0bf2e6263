"""The model routes of the OpenAI dialect."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.openai import model_objects
from hinode.api.request_errors import no_route
from hinode.core.catalog.types import Model
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
        data = [model_objects.model(one, self.context.engines) for one in models]
        return _json({"object": "list", "data": data})

    async def videos(self, request: Request) -> Response:
        """Ours: say of each video model what may be asked of it, what it costs and who renders."""
        await self._prove(request)
        models = self.context.core.jobs.catalog.models()
        data = [
            model_objects.video_model(one, self.context.engines)
            for one in models
            if one.kind is MediaKind.VIDEO
        ]
        return _json({"object": "list", "data": data})

    async def retrieve(self, request: Request, model_id: str) -> Response:
        """Return one model by any of its names. A `/` in it may come as `%2F`."""
        await self._prove(request)
        if not model_id:
            raise no_route(request.url.path)
        return _json(model_objects.model(self._find(model_id), self.context.engines))

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


def _json(value: object) -> Response:
    return Response(dump(value), media_type="application/json")
