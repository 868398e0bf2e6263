"""API keys in the admin API: create, limit, disable, revoke."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes
from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorPage, CursorQuery, parse_uuid, render_page
from hinode.api.json_text import json_response
from hinode.api.key_fields import (
    KeyLimitFields,
    KeyName,
    KeyObject,
    KeyUpdateFields,
    Time,
    key_fields,
)
from hinode.api.parsing import (
    Boolean,
    DefaultedFlag,
    Nullable,
    NullableInteger,
    Remedy,
    Required,
    parse,
)
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body
from hinode.api.unix_times import from_unix
from hinode.core.auth.key_admin import KeyCreate, KeyView, disable, enable
from hinode.core.auth.types import DEFAULT_SCOPES, Key, KeyLimits, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page

_DOCS = DOCS.of("keys")

_KEYS = "/v1/admin/keys"
_KEY = _KEYS + "/{key_id}"

ScopeName = Literal["chat", "images", "videos", "tasks", "sora", "admin", "test"]
Scopes = Annotated[list[ScopeName], Field(min_length=1)]


class CreateKey(KeyLimitFields):
    """Parameters of a new key."""

    account: Annotated[
        Required[str], Remedy("The name of the account that the key belongs to.")
    ] = Field(description="Name of the account.", examples=["acme"])
    name: Annotated[Required[KeyName], Remedy("Send a name that says what the key is for.")] = (
        Field(description="Name of the key, for lists.", examples=["ci"])
    )
    scopes: Nullable[Scopes] = Field(
        default=None, description="Scopes of the key; by default all except `admin` and `test`."
    )
    expires_at: NullableInteger[Time] = Field(
        default=None, description="Expiry in Unix seconds; by default the key does not expire."
    )
    strict_fields: DefaultedFlag = Field(
        default=False,
        description="Refuse its requests with unknown fields (400), not in the Sora dialect.",
    )

    def new_key(self) -> KeyCreate:
        """Return the key to create. Raises :class:`HinodeError`."""
        return KeyCreate(
            account=self.account,
            name=self.name,
            scopes=DEFAULT_SCOPES if self.scopes is None else frozenset(map(Scope, self.scopes)),
            expires_at=from_unix(self.expires_at),
            limits=KeyLimits(**self.limits()),
            strict_fields=self.strict_fields,
        )


class UpdateKey(KeyUpdateFields):
    """Fields to update; null removes a limit, omitted fields are unchanged."""

    scopes: Required[Scopes | None] = Field(default=None, description="Scopes of the key.")
    disabled: Boolean = Field(
        default=None, description="True to reject requests with the key, false to accept them."
    )

    def apply(self, key: Key, now: datetime) -> Key:
        """Return a key with the updated fields. Raises :class:`HinodeError`."""
        if self.disabled is not None:
            key = (disable if self.disabled else enable)(key, now)
        return self.updated(key, self.scopes)


class ListKeys(CursorQuery):
    """Query of the list of keys."""

    account: Nullable[str] = Field(
        default=None, description="Return only keys of the account with this name."
    )


class AdminKey(KeyObject):
    """A key, without its secret. Times are in Unix seconds."""

    account: str = Field(description="Name of the account.")
    scopes: list[ScopeName] = Field(description="Scopes of the key.")


class NewAdminKey(AdminKey):
    """A new key with its secret, which is not shown again."""

    secret: str = Field(description="The API key to authenticate with.", examples=["sk-…"])


class KeyPage(CursorPage[AdminKey]):
    """A page of keys, oldest first, revoked ones included."""


class AdminKeyRoutes(AdminRoutes):
    """Handlers of keys."""

    async def list_keys(self, request: Request) -> Response:
        """List API keys, oldest first, without their secrets."""

        def page() -> Page[KeyView]:
            parsed = parse(ListKeys, request.query_params)
            return self.context.core.keys.page(parsed.account, parsed.page(parse_uuid))

        found = await self.call(request, page)
        return json_response(render_page(found, key_object))

    async def create(self, request: Request) -> Response:
        """Create an API key.

        Store its `secret`: it is not shown again, since only its digest is kept.
        """
        _, parsed = await self.body(request, CreateKey)
        made = await self.context.call(self.context.core.keys.create, parsed.new_key())
        response = json_response({**key_object(made.view), "secret": made.secret})
        response.headers["cache-control"] = "no-store"
        return response

    async def retrieve(self, request: Request, key_id: str) -> Response:
        """Retrieve an API key, without its secret."""

        def view() -> KeyView:
            return self.context.core.keys.view(_key_id(key_id))

        return json_response(key_object(await self.call(request, view)))

    async def update(self, request: Request, key_id: str) -> Response:
        """Update an API key: name, scopes, expiry, limits; disable or enable it.

        The key of the request cannot update itself.
        """
        caller, parsed = await self.body(request, UpdateKey)
        change = self.context.core.keys.change
        return json_response(
            key_object(await self.context.call(change, caller, _key_id(key_id), parsed.apply))
        )

    async def revoke(self, request: Request, key_id: str) -> Response:
        """Revoke an API key, permanently and at once.

        The key of the request cannot revoke itself.
        """
        caller = await self.caller(request)
        revoke = self.context.core.keys.revoke
        return json_response(key_object(await self.context.call(revoke, caller, _key_id(key_id))))


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of keys."""
    keys = AdminKeyRoutes(context)
    table.add(
        _DOCS, "GET", _KEYS, keys.list_keys, "adminListKeys", KeyPage, 400, 404,
        query=ListKeys,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", _KEYS, keys.create, "adminCreateKey", NewAdminKey, 400, 404,
        body=json_body(CreateKey),
    )  # fmt: skip
    table.add(_DOCS, "GET", _KEY, keys.retrieve, "adminRetrieveKey", AdminKey, 404)
    table.add(
        _DOCS, "PATCH", _KEY, keys.update, "adminUpdateKey", AdminKey, 400, 404,
        body=json_body(UpdateKey),
    )  # fmt: skip
    table.add(_DOCS, "DELETE", _KEY, keys.revoke, "adminRevokeKey", AdminKey, 400, 404)


def key_object(view: KeyView) -> dict[str, Any]:
    """Return the JSON of a key."""
    return {"account": view.account.name, **key_fields(view.key, view.spent)}


def _key_id(text: str) -> UUID:
    found = parse_uuid(text)
    if found is None:
        raise HinodeError(ErrorCode.KEY_NOT_FOUND, "There is no API key with this id.", param="id")
    return found
