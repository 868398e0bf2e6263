"""Shared parts of the web app's routes: their documentation, schemas and callers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.parsing import parse
from hinode.api.response_schema import ResponseSchema
from hinode.api.routing import RouteDocs
from hinode.core.auth.types import Caller, Scope

S = TypeVar("S", bound=BaseModel)

MAX_BODY_BYTES = 64_000


class StudioSchema(ResponseSchema):
    """Base of the web app's response objects."""


class StudioErrorBody(StudioSchema):
    """An error."""

    code: str = Field(description="Stable error code for programs.", examples=["not_found"])
    message: str = Field(description="Explanation for people: the broken rule and a remedy.")
    type: str = Field(description="Class of the error.", examples=["invalid_request_error"])
    param: str | None = Field(description="The field at fault, or null.")


class StudioErrorEnvelope(StudioSchema):
    """The body of every error response."""

    error: StudioErrorBody = Field(description="The error.")


DOCS = RouteDocs(
    "App",
    {
        400: "`invalid_request`: a field is missing, unknown or invalid.",
        401: "`invalid_api_key`, `token_expired` or `token_invalidated`: the credentials are "
        "missing, invalid or have ended; `login_refused`: a log-in failed.",
        402: "`insufficient_credits`: the account cannot pay for it.",
        403: "`insufficient_permissions`: the credentials lack the scope.",
        404: "`not_found`: the account has no such resource.",
        409: "`not_ready` or `name_taken`.",
        429: "`rate_limit_exceeded`: too many attempts; `Retry-After` tells when to try again.",
        500: "`internal_error`",
    },
    StudioErrorEnvelope,
    (401, 403),
)


class Done(StudioSchema):
    """Confirmation of a request."""

    success: bool = Field(description="Always true.")


@dataclass(slots=True)
class StudioRoutes:
    """Base of the handlers of a resource of the caller's account."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.VIDEOS)

    async def body(self, request: Request, schema: type[S]) -> tuple[Caller, S]:
        """Authenticate, then return the caller and the parsed body."""
        caller = await self.auth.caller(request)
        return caller, parse(schema, await read_fields(request, MAX_BODY_BYTES))


def private_json(value: dict[str, Any]) -> Response:
    """Return a JSON response that no cache keeps."""
    return json_response(value, {"cache-control": "no-store"})
