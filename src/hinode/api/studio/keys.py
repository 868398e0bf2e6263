"""The API keys of the caller's account."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorPage, CursorQuery, parse_uuid, render_page
from hinode.api.key_fields import (
    KeyLimitFields,
    KeyName,
    KeyObject,
    KeyUpdateFields,
    Time,
    key_fields,
)
from hinode.api.parsing import (
    DefaultedFlag,
    Nullable,
    NullableInteger,
    Remedy,
    Required,
    parse,
)
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body
from hinode.api.studio.common import DOCS, StudioRoutes, private_json
from hinode.api.studio.profile import parse_id
from hinode.api.unix_times import from_unix
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.own_access import OwnKey
from hinode.core.auth.types import DEFAULT_SCOPES, Caller, Key, KeyLimits, Scope
from hinode.core.pagination import Page

_DOCS = DOCS.of("account")

_KEYS = "/v1/me/keys"
_KEY = _KEYS + "/{key_id}"
OwnScope = Literal["chat", "images", "videos", "tasks", "sora"]
OwnScopes = Annotated[list[OwnScope], Field(min_length=1)]


class CreateOwnKey(KeyLimitFields):
    """Parameters of a new key; limits that are left out do not hold."""

    name: Annotated[Required[KeyName], Remedy("Say what the key is for.")] = Field(
        description="Name of the key, for lists.", examples=["ci"]
    )
    scopes: Nullable[OwnScopes] = Field(
        default=None, description="Parts of the API that it may use; by default all."
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
            account="",
            name=self.name,
            scopes=DEFAULT_SCOPES if self.scopes is None else frozenset(map(Scope, self.scopes)),
            expires_at=from_unix(self.expires_at),
            limits=KeyLimits(**self.limits()),
            strict_fields=self.strict_fields,
        )


class UpdateOwnKey(KeyUpdateFields):
    """Fields to update; null removes a limit, omitted fields are unchanged."""

    scopes: Required[OwnScopes | None] = Field(
        default=None, description="Parts of the API that it may use."
    )

    def apply(self, key: Key, _now: datetime) -> Key:
        """Return a key with the updated fields. Raises :class:`HinodeError`."""
        return self.updated(key, self.scopes)


class OwnApiKey(KeyObject):
    """A key of the account, without its secret. Times are in Unix seconds."""

    scopes: list[str] = Field(description="Parts of the API that it may use.")


class OwnApiKeyWithSecret(OwnApiKey):
    """A new key with its secret, which is not shown again."""

    key: str = Field(description="The secret: `sk-…`.")


class OwnApiKeyPage(CursorPage[OwnApiKey]):
    """A page of keys, oldest first."""


class OwnKeyRoutes(StudioRoutes):
    """Handlers of the caller's keys, for sessions of the web app."""

    async def listing(self, request: Request) -> Response:
        """List the API keys of the caller's account, oldest first, with revoked ones."""

        def page(caller: Caller) -> Page[OwnKey]:
            wanted = parse(CursorQuery, request.query_params).page(parse_uuid)
            return self.context.core.own_access.own_keys(caller, wanted)

        found = await self.auth.call(request, page)
        return private_json(render_page(found, own_key))

    async def create(self, request: Request) -> Response:
        """Create an API key of the caller's account; its secret is shown this once."""
        caller, parsed = await self.body(request, CreateOwnKey)
        create = self.context.core.own_access.create_key
        made = await self.context.call(create, caller, parsed.new_key())
        return private_json({**own_key(OwnKey(made.key, 0)), "key": made.secret})

    async def retrieve(self, request: Request, key_id: str) -> Response:
        """Retrieve an API key of the caller's account, without its secret."""
        find = self.context.core.own_access.own_key
        found = await self.auth.call(
            request, lambda caller: find(caller, parse_id(key_id, "API key"))
        )
        return private_json(own_key(found))

    async def update(self, request: Request, key_id: str) -> Response:
        """Change an API key of the caller's account: its name, scopes, expiry and limits.

        A key whose scope `admin` or `test` an operator gave is changed by operators only.
        """
        caller, parsed = await self.body(request, UpdateOwnKey)
        change = self.context.core.own_access.change_key
        wanted = parse_id(key_id, "API key")
        return private_json(own_key(await self.context.call(change, caller, wanted, parsed.apply)))

    async def revoke(self, request: Request, key_id: str) -> Response:
        """Revoke an API key of the caller's account, for good."""
        revoke = self.context.core.own_access.revoke_key
        found = await self.auth.call(
            request, lambda caller: revoke(caller, parse_id(key_id, "API key"))
        )
        return private_json(own_key(found))


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of the caller's keys."""
    routes = OwnKeyRoutes(context)
    table.add(
        _DOCS, "GET", _KEYS, routes.listing, "listMyKeys", OwnApiKeyPage, 400,
        query=CursorQuery,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", _KEYS, routes.create, "createMyKey", OwnApiKeyWithSecret, 400, 429,
        body=json_body(CreateOwnKey),
    )  # fmt: skip
    table.add(_DOCS, "GET", _KEY, routes.retrieve, "retrieveMyKey", OwnApiKey, 404)
    table.add(
        _DOCS, "PATCH", _KEY, routes.update, "updateMyKey", OwnApiKey, 400, 404,
        body=json_body(UpdateOwnKey),
    )  # fmt: skip
    table.add(_DOCS, "DELETE", _KEY, routes.revoke, "revokeMyKey", OwnApiKey, 404)


def own_key(one: OwnKey) -> dict[str, Any]:
    """Return the JSON of a key for its owner."""
    return key_fields(one.key, one.spent)
