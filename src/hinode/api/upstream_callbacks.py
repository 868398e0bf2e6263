"""Receives upstreams' callbacks that a job has ended; their bodies are never read."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hinode.api.context import ApiContext
from hinode.api.request_errors import no_route
from hinode.api.routing import RouteTable


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve the addresses; they are no part of the API that clients are told of."""
    table.hide("/callbacks/{engine}/{token}", UpstreamCallbackRoutes(context).take, "POST")


@dataclass(frozen=True, slots=True)
class UpstreamCallbackRoutes:
    """Calls for the engines that are called back."""

    context: ApiContext

    async def take(self, request: Request, engine: str, token: str) -> Response:
        """Have the job polled. Raises :class:`RequestError` for an address we never gave."""
        ring = self.context.callback_notifiers.get(engine)
        if ring is None or not ring(token):
            raise no_route(request.url.path)
        return JSONResponse({})
