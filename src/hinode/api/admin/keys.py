"""API keys in the admin API: creating, limiting, disabling and revoking them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema, to_unix
from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorQuery, parse_uuid, render_page
from hinode.api.json_text import json_response
from hinode.api.parsing import (
    Boolean,
    ClosedRequestSchema,
    Defaulted,
    Nullable,
    NullableInteger,
    Remedy,
    Required,
    parse,
)
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body, query_parameters
from hinode.core.auth.key_admin import KeyCreate, KeyView
from hinode.core.auth.key_limits import read_networks
from hinode.core.auth.types import DEFAULT_SCOPES, Key, KeyLimits, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page

_KEYS = "/v1/admin/keys"
_KEY = _KEYS + "/{key_id}"

ScopeName = Literal["chat", "images", "videos", "tasks", "sora", "admin", "test"]
Spend = Annotated[int, Field(ge=0, le=1_000_000_000)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
Time = Annotated[int, Field(ge=0, le=int(datetime(9000, 1, 1, tzinfo=UTC).timestamp()) - 1)]
KeyName = Annotated[str, Field(max_length=80)]
Scopes = Annotated[list[ScopeName], Field(min_length=1)]
Names = Defaulted[Annotated[list[str], Field(max_length=100)]]

_LIMITS = (
    "spend_hour", "spend_day", "spend_total", "per_minute", "max_unfinished", "models", "networks",
)  # fmt: skip


class KeyLimitFields(ClosedRequestSchema):
    """The limits of a key; null and empty mean without limit."""

    spend_hour: NullableInteger[Spend] = None
    spend_day: NullableInteger[Spend] = None
    spend_total: NullableInteger[Spend] = None
    per_minute: NullableInteger[Count] = None
    max_unfinished: NullableInteger[Count] = None
    models: Names = Field(default=[], description="Names of models; empty: all.")
    networks: Names = Field(default=[], description="Addresses and networks, IPv4 or IPv6.")

    def limits(self) -> dict[str, Any]:
        """Return the limits that were given. Raises :class:`HinodeError`."""
        given = {name: getattr(self, name) for name in _LIMITS if name in self.model_fields_set}
        if "models" in given:
            given["models"] = tuple(self.models)
        if "networks" in given:
            given["networks"] = read_networks(self.networks)
        return given


class CreateKey(KeyLimitFields):
    """A key to create."""

    account: Annotated[
        Required[str], Remedy("The name of the account that the key belongs to.")
    ] = Field(examples=["acme"])
    name: Annotated[
        Required[KeyName], Remedy("Say what the key is for; people see it in lists.")
    ] = Field(examples=["ci"])
    scopes: Nullable[Scopes] = Field(
        default=None, description="All but `admin` and `test` unless given."
    )
    expires_at: NullableInteger[Time] = None

    def new_key(self) -> KeyCreate:
        """Return the key to create. Raises :class:`HinodeError`."""
        return KeyCreate(
            account=self.account,
            name=self.name,
            scopes=DEFAULT_SCOPES if self.scopes is None else frozenset(map(Scope, self.scopes)),
            expires_at=_time(self.expires_at),
            limits=KeyLimits(**self.limits()),
        )


class UpdateKey(KeyLimitFields):
    """Fields to update; null lifts a limit, omitted fields are unchanged."""

    name: Required[KeyName | None] = None
    scopes: Required[Scopes | None] = None
    expires_at: NullableInteger[Time] = None
    disabled: Boolean = None

    def apply(self, key: Key, now: datetime) -> Key:
        """Return a key with the updated fields. Raises :class:`HinodeError`."""
        given: dict[str, Any] = {}
        if "name" in self.model_fields_set:
            given["name"] = self.name
        if "scopes" in self.model_fields_set:
            given["scopes"] = frozenset(map(Scope, self.scopes or ()))
        if "expires_at" in self.model_fields_set:
            given["expires_at"] = _time(self.expires_at)
        if self.disabled is not None:
            given["disabled_at"] = (key.disabled_at or now) if self.disabled else None
        return replace(key, **given, limits=replace(key.limits, **self.limits()))


class ListKeys(CursorQuery):
    """A page of keys, of one account or of all."""

    account: Nullable[str] = None


class AdminKeyLimits(AdminSchema):
    """The limits of a key; null and empty mean without limit."""

    spend_hour: int | None
    spend_day: int | None
    spend_total: int | None
    per_minute: int | None
    max_unfinished: int | None
    models: list[str]
    networks: list[str]


class AdminKey(AdminKeyLimits):
    """A key, without its secret."""

    id: str
    account: str
    name: str
    hint: str = Field(description="The beginning and the end of the secret, to tell keys apart.")
    scopes: list[ScopeName]
    created_at: int
    expires_at: int | None
    disabled_at: int | None
    revoked_at: int | None
    spent: int = Field(description="What all its jobs hold or cost.")


class NewAdminKey(AdminKey):
    """A key just created; its secret is shown this once."""

    secret: str = Field(examples=["sk-…"])


class KeyPage(AdminSchema):
    """A page of keys, oldest first; revoked ones are among them."""

    data: list[AdminKey]
    has_more: bool
    next_cursor: str | None


class AdminKeyRoutes(AdminRoutes):
    """The routes of keys."""

    async def list_keys(self, request: Request) -> Response:
        """Return a page of keys without their secrets, oldest first, of one account or of all."""

        def page() -> Page[KeyView]:
            parsed = parse(ListKeys, request.query_params)
            return self.context.core.keys.page(parsed.account, parsed.page(parse_uuid))

        found = await self.call(request, page)
        return json_response(render_page([_key(one) for one in found.items], found.has_more))

    async def create(self, request: Request) -> Response:
        """Create a key and return its secret, this once: only its digest is kept."""
        _, parsed = await self.body(request, CreateKey)
        made = await self.context.call(self.context.core.keys.create, parsed.new_key())
        response = json_response({**_key(made.view), "secret": made.secret})
        response.headers["cache-control"] = "no-store"
        return response

    async def retrieve(self, request: Request, key_id: str) -> Response:
        """Return a key without its secret."""

        def view() -> KeyView:
            return self.context.core.keys.view(_key_id(key_id))

        return json_response(_key(await self.call(request, view)))

    async def update(self, request: Request, key_id: str) -> Response:
        """Disable or enable a key, or change its name, scopes, expiry and limits.

        The key that makes the request cannot be changed by it.
        """
        caller, parsed = await self.body(request, UpdateKey)
        change = self.context.core.keys.change
        return json_response(
            _key(await self.context.call(change, caller, _key_id(key_id), parsed.apply))
        )

    async def revoke(self, request: Request, key_id: str) -> Response:
        """Revoke a key for good; it stops working at once.

        The key that makes the request cannot be revoked by it.
        """
        caller = await self.auth.caller(request)
        revoke = self.context.core.keys.revoke
        return json_response(_key(await self.context.call(revoke, caller, _key_id(key_id))))


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of keys."""
    keys = AdminKeyRoutes(context)
    table.add(
        DOCS, "GET", _KEYS, keys.list_keys, "adminListKeys", KeyPage, 400, 404,
        parameters=query_parameters(ListKeys),
    )  # fmt: skip
    table.add(
        DOCS, "POST", _KEYS, keys.create, "adminCreateKey", NewAdminKey, 400, 404,
        body=json_body(CreateKey),
    )  # fmt: skip
    table.add(DOCS, "GET", _KEY, keys.retrieve, "adminRetrieveKey", AdminKey, 404)
    table.add(
        DOCS, "PATCH", _KEY, keys.update, "adminUpdateKey", AdminKey, 400, 404,
        body=json_body(UpdateKey),
    )  # fmt: skip
    table.add(DOCS, "DELETE", _KEY, keys.revoke, "adminRevokeKey", AdminKey, 400, 404)


def _key(view: KeyView) -> dict[str, Any]:
    one, limits = view.key, view.key.limits
    return {
        "id": str(one.id),
        "account": view.account.name,
        "name": one.name,
        "hint": one.hint,
        "scopes": sorted(one.scopes),
        "created_at": to_unix(one.created_at),
        "expires_at": to_unix(one.expires_at),
        "disabled_at": to_unix(one.disabled_at),
        "revoked_at": to_unix(one.revoked_at),
        "spent": view.spent,
        "spend_hour": limits.spend_hour,
        "spend_day": limits.spend_day,
        "spend_total": limits.spend_total,
        "per_minute": limits.per_minute,
        "max_unfinished": limits.max_unfinished,
        "models": list(limits.models),
        "networks": [str(network) for network in limits.networks],
    }


def _key_id(text: str) -> UUID:
    found = parse_uuid(text)
    if found is None:
        raise HinodeError(ErrorCode.KEY_NOT_FOUND, "There is no API key with this id.", param="id")
    return found


def _time(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
