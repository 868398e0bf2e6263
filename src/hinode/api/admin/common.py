"""Shared parts of the admin API: schemas, parsing, authentication, documentation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, ParamSpec, TypeVar

from pydantic import BaseModel, Field
from starlette.requests import Request

from hinode.api.auth import Authenticator
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorQuery, parse_uuid
from hinode.api.parsing import FieldError, parse
from hinode.api.response_schema import ResponseSchema
from hinode.api.routing import RouteDocs
from hinode.api.values import Fields
from hinode.core.audit.service import Act, announce
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import PageQuery

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=BaseModel)

PlanName = Literal["free", "plus", "pro", "team"]

_BODY_BYTES = 1_000_000
_NOTHING: Mapping[str, Any] = {}


class AdminSchema(ResponseSchema):
    """Base of the admin API's response objects."""


class AdminErrorBody(AdminSchema):
    """An error."""

    code: str = Field(description="Stable error code for programs.", examples=["not_found"])
    message: str = Field(description="Explanation for people: the broken rule and a remedy.")
    type: str = Field(description="Class of the error.", examples=["invalid_request_error"])


class AdminErrorEnvelope(AdminSchema):
    """The body of every error response."""

    error: AdminErrorBody = Field(description="The error.")


DOCS = RouteDocs(
    "Admin",
    {
        400: "`invalid_request`: a field is missing, unknown or invalid.",
        401: "`invalid_api_key`: the key is missing or invalid.",
        402: "`insufficient_credits`: the account cannot pay for the job.",
        403: "`insufficient_permissions`: the key lacks the scope `admin`.",
        404: "`not_found`: the resource does not exist.",
        409: "`name_taken`, `idempotency_conflict`, or `not_ready`: the resource is in use, "
        "or the job has not ended.",
        429: "`rate_limit_exceeded`: too many event streams are open.",
        500: "`internal_error`",
    },
    AdminErrorEnvelope,
    (401, 403),
)


@dataclass(slots=True)
class AdminRoutes:
    """Base of the handlers of a resource, for keys with the scope ``admin``."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.ADMIN)

    async def caller(self, request: Request) -> Caller:
        """Return the caller, an operator."""
        caller = await self.auth.caller(request)
        _announce(request, caller)
        return caller

    async def call(
        self, request: Request, operation: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Authenticate, then call ``operation``, in one thread hop."""

        def authenticated(caller: Caller) -> T:
            _announce(request, caller)
            return operation(*args, **kwargs)

        return await self.auth.call(request, authenticated)

    async def body(self, request: Request, schema: type[S]) -> tuple[Caller, S]:
        """Authenticate, then return the caller and the parsed body."""
        caller = await self.auth.caller(request)
        parsed = parse_admin(schema, await read_fields(request, _BODY_BYTES))
        _announce(request, caller, parsed.model_dump(exclude_unset=True))
        return caller, parsed


def _announce(request: Request, caller: Caller, details: Mapping[str, Any] = _NOTHING) -> None:
    """Have the audit log tell of a request that changes something, once it has."""
    if request.method in ("GET", "HEAD"):
        return
    action = f"{request.method} {request.scope['route'].path}"
    subject = ", ".join(map(str, request.path_params.values()))
    announce(Act(caller, action, subject, details))


def page_of(request: Request) -> PageQuery:
    """Return the page that the query's ``limit`` and ``cursor`` select."""
    return parse(CursorQuery, request.query_params).page(parse_uuid)


def parse_admin(schema: type[S], fields: Fields) -> S:
    """Return the parsed request; unknown fields are errors, since a misspelled limit is no limit.

    Raises as :func:`hinode.api.parsing.parse`.
    """
    known = ", ".join(sorted(schema.model_fields))

    def unknown(error: FieldError) -> HinodeError:
        name = error.param[:80]
        return _invalid(name, f"'{name}' is not a known field; known are {known}.")

    return parse(
        schema,
        fields,
        {"extra_forbidden": unknown, "literal_error": _not_offered, "too_short": _empty},
    )


def _not_offered(error: FieldError) -> HinodeError:
    offered = error.context["expected"].replace(" or ", ", ").replace("'", "")
    message = f"'{error.param}' must be one of {offered}, not '{str(error.given)[:40]}'."
    return _invalid(error.param, message)


def _empty(error: FieldError) -> HinodeError:
    return _invalid(error.param, f"'{error.param}' must have at least one entry.")


def _invalid(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
