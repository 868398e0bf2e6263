"""Headers of an account's callbacks in the admin API; their values are never shown."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.parsing import ClosedRequestSchema, Remedy, Required
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body
from hinode.api.unix_times import to_unix
from hinode.core.webhooks.callback_headers import CallbackHeader

_DOCS = DOCS.of("accounts")

_HEADERS = "/v1/admin/accounts/{name}/callback_headers"


class SetCallbackHeader(ClosedRequestSchema):
    """The value of a header to set."""

    value: Annotated[Required[str], Remedy("The value of the header.")] = Field(
        description="Value of the header: 1 to 2,000 printable ASCII characters.",
        examples=["Bearer 3f9a"],
    )


class AdminCallbackHeader(AdminSchema):
    """A header of an account's callbacks, without its value."""

    name: str = Field(description="Name of the header, in lower case.", examples=["authorization"])
    updated_at: int = Field(description="Time when it was set, in Unix seconds.")


class CallbackHeaderList(AdminSchema):
    """All headers of an account's callbacks, by name."""

    data: list[AdminCallbackHeader] = Field(description="The headers.")


class AdminCallbackHeaderRoutes(AdminRoutes):
    """Handlers of callback headers."""

    async def list_headers(self, request: Request, name: str) -> Response:
        """List the headers that the callbacks of an account carry, without their values."""
        found = await self.call(request, self.context.core.callbacks.headers_of, name)
        return json_response({"data": [callback_header_object(one) for one in found]})

    async def set(self, request: Request, name: str, header: str) -> Response:
        """Set a header of an account's callbacks, from the next attempt on.

        An account has at most 10. What the server sets itself is refused: `Host`, `Content-Type`,
        `webhook-…`, and headers of the connection.
        """
        _, parsed = await self.body(request, SetCallbackHeader)
        set_header = self.context.core.callbacks.set_header
        made = await self.context.call(set_header, name, header, parsed.value)
        return json_response(callback_header_object(made))

    async def remove(self, request: Request, name: str, header: str) -> Response:
        """Remove a header of an account's callbacks; return those that are left."""

        def remove() -> list[CallbackHeader]:
            self.context.core.callbacks.remove_header(name, header)
            return self.context.core.callbacks.headers_of(name)

        found = await self.call(request, remove)
        return json_response({"data": [callback_header_object(one) for one in found]})


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of callback headers."""
    headers, one = AdminCallbackHeaderRoutes(context), _HEADERS + "/{header}"
    table.add(
        _DOCS, "GET", _HEADERS, headers.list_headers, "adminListCallbackHeaders",
        CallbackHeaderList, 404,
    )  # fmt: skip
    table.add(
        _DOCS, "PUT", one, headers.set, "adminSetCallbackHeader", AdminCallbackHeader, 400, 404,
        body=json_body(SetCallbackHeader),
    )  # fmt: skip
    table.add(
        _DOCS, "DELETE", one, headers.remove, "adminRemoveCallbackHeader", CallbackHeaderList, 404
    )


def callback_header_object(header: CallbackHeader) -> dict[str, Any]:
    """Return the JSON of a header."""
    return {"name": header.name, "updated_at": to_unix(header.updated_at)}
