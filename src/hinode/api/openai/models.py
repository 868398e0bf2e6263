"""The model routes of the OpenAI dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.jsontext import dump
from hinode.api.openai import translate
from hinode.api.openai.auth import secret_of
from hinode.api.refusals import no_route
from hinode.studio.access.types import Scope


@dataclass(frozen=True, slots=True)
class ModelRoutes:
    """One method per route."""

    context: ApiContext

    async def listing(self, request: Request) -> Response:
        """List the models, with the sizes, lengths and price of each under `hinode`."""
        await self._prove(request)
        data = [self._model(one.id) for one in self.context.studio.catalog.models()]
        return _json({"object": "list", "data": data})

    async def retrieve(self, request: Request, model_id: str) -> Response:
        """Return one model. A `/` in its name may come as `%2F`."""
        await self._prove(request)
        if not model_id:
            raise no_route(request.url.path)
        return _json(self._model(model_id))

    async def _prove(self, request: Request) -> None:
        studio = self.context.studio
        await self.context.call(studio.authenticate, secret_of(request), Scope.VIDEOS)

    def _model(self, model_id: str) -> dict[str, Any]:
        return translate.model(self.context.studio.catalog.get(model_id), self.context.engines)


def _json(value: object) -> Response:
    return Response(dump(value), media_type="application/json")
