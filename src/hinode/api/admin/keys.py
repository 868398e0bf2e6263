"""API keys in the admin API: create, limit, disable, revoke."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, Strict
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema, to_unix
from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorPage, CursorQuery, parse_uuid, render_page
from hinode.api.json_text import json_response
from hinode.api.parsing import (
    Boolean,
    ClosedRequestSchema,
    Defaulted,
    DefaultedFlag,
    Nullable,
    NullableInteger,
    Remedy,
    Required,
    parse,
)
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body
from hinode.core.auth.key_admin import KeyCreate, KeyView, disable, enable
from hinode.core.auth.key_limits import read_networks
from hinode.core.auth.types import DEFAULT_SCOPES, Key, KeyLimits, Priority, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page

_DOCS = DOCS.of("keys")

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
    "max_priority", "local_only",
)  # fmt: skip


class KeyLimitFields(ClosedRequestSchema):
    """The limits of a key; null or an empty list is no limit."""

    spend_hour: NullableInteger[Spend] = Field(
        default=None, description="Spend limit in credits per hour."
    )
    spend_day: NullableInteger[Spend] = Field(
        default=None, description="Spend limit in credits per day."
    )
    spend_total: NullableInteger[Spend] = Field(
        default=None, description="Spend limit in credits in total."
    )
    per_minute: NullableInteger[Count] = Field(
        default=None, description="Rate limit in requests per minute."
    )
    max_unfinished: NullableInteger[Count] = Field(
        default=None, description="Maximum of unfinished jobs."
    )
    models: Names = Field(default=[], description="Names of the allowed models.")
    networks: Names = Field(
        default=[],
        description="Allowed client addresses and networks, IPv4 or IPv6.",
        examples=[["203.0.113.0/24"]],
    )
    max_priority: Defaulted[Annotated[Priority, Strict(False)]] = Field(
        default=Priority.NORMAL, description="Highest priority that jobs of the key may have."
    )
    local_only: DefaultedFlag = Field(
        default=False, description="Its jobs go to no engine whose server is outside of the house."
    )

    def limits(self) -> dict[str, Any]:
        """Return the limits that the request sets. Raises :class:`HinodeError`."""
        given = {name: getattr(self, name) for name in _LIMITS if name in self.model_fields_set}
        if "models" in given:
            given["models"] = tuple(self.models)
        if "networks" in given:
            given["networks"] = read_networks(self.networks)
        return given


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
            expires_at=_time(self.expires_at),
            limits=KeyLimits(**self.limits()),
            strict_fields=self.strict_fields,
        )


class UpdateKey(KeyLimitFields):
    """Fields to update; null removes a limit, omitted fields are unchanged."""

    name: Required[KeyName | None] = Field(default=None, description="Name of the key.")
    scopes: Required[Scopes | None] = Field(default=None, description="Scopes of the key.")
    expires_at: NullableInteger[Time] = Field(
        default=None, description="Expiry in Unix seconds; null for none."
    )
    disabled: Boolean = Field(
        default=None, description="True to reject requests with the key, false to accept them."
    )

    strict_fields: Boolean = Field(
        default=None,
        description="True to refuse its requests with unknown fields, false to name these in the "
        "answer.",
    )

    def apply(self, key: Key, now: datetime) -> Key:
        """Return a key with the updated fields. Raises :class:`HinodeError`."""
        given: dict[str, Any] = {}
        if "name" in self.model_fields_set:
            given["name"] = self.name
        if "scopes" in self.model_fields_set:
            given["scopes"] = frozenset(map(Scope, self.scopes or ()))
        if "expires_at" in self.model_fields_set:
            given["expires_at"] = _time(self.expires_at)
        if self.strict_fields is not None:
            given["strict_fields"] = self.strict_fields
        if self.disabled is not None:
            key = (disable if self.disabled else enable)(key, now)
        return replace(key, **given, limits=replace(key.limits, **self.limits()))


class ListKeys(CursorQuery):
    """Query of the list of keys."""

    account: Nullable[str] = Field(
        default=None, description="Return only keys of the account with this name."
    )


class AdminKeyLimits(AdminSchema):
    """The limits of a key; null or an empty list is no limit."""

    spend_hour: int | None = Field(description="Spend limit in credits per hour.")
    spend_day: int | None = Field(description="Spend limit in credits per day.")
    spend_total: int | None = Field(description="Spend limit in credits in total.")
    per_minute: int | None = Field(description="Rate limit in requests per minute.")
    max_unfinished: int | None = Field(description="Maximum of unfinished jobs.")
    models: list[str] = Field(description="Names of the allowed models.")
    networks: list[str] = Field(description="Allowed client networks, IPv4 or IPv6.")
    max_priority: Literal["low", "normal", "high"] = Field(
        description="Highest priority that jobs of the key may have."
    )
    local_only: bool = Field(
        description="True if its jobs go to no engine whose server is outside of the house."
    )


class AdminKey(AdminKeyLimits):
    """A key, without its secret. Times are in Unix seconds."""

    id: str = Field(description="Id of the key (UUID).")
    account: str = Field(description="Name of the account.")
    name: str = Field(description="Name of the key.")
    hint: str = Field(description="Start and end of the secret, to recognise the key.")
    scopes: list[ScopeName] = Field(description="Scopes of the key.")
    created_at: int = Field(description="Time of creation.")
    expires_at: int | None = Field(description="Expiry; null if the key does not expire.")
    disabled_at: int | None = Field(description="Time of disabling; null if enabled.")
    revoked_at: int | None = Field(description="Time of revocation; null if not revoked.")
    strict_fields: bool = Field(description="True if its requests with unknown fields are refused.")
    spent: int = Field(description="Credits charged to and held by its jobs.")


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
        caller = await self.auth.caller(request)
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
        "strict_fields": one.strict_fields,
        "spent": view.spent,
        "spend_hour": limits.spend_hour,
        "spend_day": limits.spend_day,
        "spend_total": limits.spend_total,
        "per_minute": limits.per_minute,
        "max_unfinished": limits.max_unfinished,
        "models": list(limits.models),
        "networks": [str(network) for network in limits.networks],
        "max_priority": limits.max_priority.value,
        "local_only": limits.local_only,
    }


def _key_id(text: str) -> UUID:
    found = parse_uuid(text)
    if found is None:
        raise HinodeError(ErrorCode.KEY_NOT_FOUND, "There is no API key with this id.", param="id")
    return found


def _time(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
