"""The route of upstreams' callbacks; a callback only triggers a poll, its body is not read."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hinode.api.context import ApiContext
from hinode.api.request_errors import no_route
from hinode.api.routing import RouteTable


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the route, undocumented: its URLs are given to upstreams only."""
    table.hide("/callbacks/{engine}/{token}", UpstreamCallbackRoutes(context).take, "POST")


@dataclass(frozen=True, slots=True)
class UpstreamCallbackRoutes:
    """The handler of callbacks."""

    context: ApiContext

    async def take(self, request: Request, engine: str, token: str) -> Response:
        """Wake the job that waits for this callback.

        Raises :class:`RequestError` for an unknown engine or token.
        """
        ring = self.context.callback_notifiers.get(engine)
        if ring is None or not ring(token):
            raise no_route(request.url.path)
        return JSONResponse({})
