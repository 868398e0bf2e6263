"""Where upstreams call back that a job has ended; nothing they say is read, let alone believed."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hinode.api.context import ApiContext
from hinode.api.refusals import no_route


def add_routes(app: FastAPI, context: ApiContext) -> None:
    """Serve the addresses; they are no part of the API that clients are told of."""
    app.add_route(
        "/callbacks/{engine}/{token}",
        UpstreamCalls(context).take,
        methods=["POST"],
        include_in_schema=False,
    )


@dataclass(frozen=True, slots=True)
class UpstreamCalls:
    """Calls for the engines that are called back."""

    context: ApiContext

    async def take(self, request: Request) -> Response:
        """Have the job looked at. Raises :class:`Refusal` for an address that we never gave."""
        ring = self.context.bells.get(request.path_params["engine"])
        if ring is None or not ring(request.path_params["token"]):
            raise no_route(request.url.path)
        return JSONResponse({})
