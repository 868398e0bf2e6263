"""Parts that all resources of the admin API share: schemas, parsing, authentication, documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, ParamSpec, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from hinode.api.auth import Authenticator
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorQuery, parse_uuid
from hinode.api.parsing import FieldError, parse
from hinode.api.routing import RouteDocs
from hinode.api.values import Fields
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import PageQuery

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=BaseModel)

PlanName = Literal["free", "plus", "pro", "team"]

_BODY_BYTES = 1_000_000


class AdminSchema(BaseModel):
    """A documented object with exactly these keys."""

    model_config = ConfigDict(extra="forbid")


class AdminErrorBody(AdminSchema):
    """The error of a failure."""

    code: str = Field(description="Stable, for programs.")
    message: str
    type: str


class AdminErrorEnvelope(AdminSchema):
    """The body of every failure."""

    error: AdminErrorBody


DOCS = RouteDocs(
    "Admin API",
    {
        400: "`invalid_request`: a field is missing, unknown or wrong; the message says the rule.",
        401: "`invalid_api_key`",
        403: "`insufficient_permissions`: the key lacks the scope `admin`.",
        404: "`not_found`: there is no such account or key.",
        409: "`name_taken`, `idempotency_conflict`, `not_ready`",
        500: "`internal_error`",
    },
    AdminErrorEnvelope,
    (401, 403),
)


@dataclass(slots=True)
class AdminRoutes:
    """Routes of one resource: each method returns a response or raises an error of the API."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.ADMIN)

    async def call(
        self, request: Request, operation: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a service's operation for an administrator, in one thread hop."""

        def authenticated(_: Caller) -> T:
            return operation(*args, **kwargs)

        return await self.auth.call(request, authenticated)

    async def body(self, request: Request, schema: type[S]) -> tuple[Caller, S]:
        """Authenticate an administrator, then read and parse the body."""
        caller = await self.auth.caller(request)
        return caller, parse_admin(schema, await read_fields(request, _BODY_BYTES))


def page_of(request: Request) -> PageQuery:
    """Parse ``limit`` and ``cursor`` of a list."""
    return parse(CursorQuery, request.query_params).page(parse_uuid)


def parse_admin(schema: type[S], fields: Fields) -> S:
    """Parse a request. Unknown fields are errors, for a misspelled limit would limit nothing."""
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
    message = f"'{error.param}' is one of {offered}, not '{str(error.given)[:40]}'."
    return _invalid(error.param, message)


def _empty(error: FieldError) -> HinodeError:
    return _invalid(error.param, f"'{error.param}' has at least one entry.")


def _invalid(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)


def to_unix(moment: datetime | None) -> int | None:
    """Return a time in Unix seconds."""
    return None if moment is None else int(moment.timestamp())
