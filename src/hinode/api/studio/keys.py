"""The API keys of the caller's account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorPage, CursorQuery, parse_uuid, render_page
from hinode.api.parsing import (
    ClosedRequestSchema,
    Defaulted,
    Nullable,
    NullableInteger,
    Remedy,
    Required,
    parse,
)
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body
from hinode.api.studio.common import DOCS, StudioRoutes, StudioSchema, private_json, to_unix
from hinode.api.studio.profile import parse_id
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.key_limits import read_networks
from hinode.core.auth.own_access import OwnKey
from hinode.core.auth.types import DEFAULT_SCOPES, Caller, KeyLimits, Scope
from hinode.core.pagination import Page

_DOCS = DOCS.of("account")

_KEYS = "/v1/me/keys"
OwnScope = Literal["chat", "images", "videos", "tasks", "sora"]
_Credits = NullableInteger[Annotated[int, Field(ge=0, le=1_000_000_000)]]
_Count = NullableInteger[Annotated[int, Field(ge=1, le=1_000_000_000)]]
_LATEST = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp()) - 1
_Names = Defaulted[Annotated[list[str], Field(max_length=100)]]


class CreateOwnKey(ClosedRequestSchema):
    """Parameters of a new key; limits that are left out do not hold."""

    name: Annotated[
        Required[Annotated[str, Field(max_length=80)]], Remedy("Say what the key is for.")
    ] = Field(description="Name of the key, for lists.", examples=["ci"])
    scopes: Nullable[Annotated[list[OwnScope], Field(min_length=1)]] = Field(
        default=None, description="Parts of the API that it may use; by default all."
    )
    expires_at: NullableInteger[Annotated[int, Field(ge=0, le=_LATEST)]] = Field(
        default=None, description="Expiry in Unix seconds; by default the key does not expire."
    )
    spend_hour: _Credits = Field(default=None, description="Spend limit in credits per hour.")
    spend_day: _Credits = Field(default=None, description="Spend limit in credits per day.")
    spend_total: _Credits = Field(default=None, description="Spend limit in credits in total.")
    per_minute: _Count = Field(default=None, description="Rate limit in requests per minute.")
    max_unfinished: _Count = Field(default=None, description="Maximum of unfinished jobs.")
    models: _Names = Field(default=[], description="Names of the allowed models.")
    networks: _Names = Field(default=[], description="Allowed client addresses and networks.")

    def new_key(self) -> KeyCreate:
        """Return the key to create. Raises :class:`HinodeError`."""
        given = self.expires_at
        return KeyCreate(
            account="",
            name=self.name,
            scopes=DEFAULT_SCOPES if self.scopes is None else frozenset(map(Scope, self.scopes)),
            expires_at=None if given is None else datetime.fromtimestamp(given, UTC),
            limits=KeyLimits(
                spend_hour=self.spend_hour,
                spend_day=self.spend_day,
                spend_total=self.spend_total,
                per_minute=self.per_minute,
                max_unfinished=self.max_unfinished,
                models=tuple(self.models),
                networks=read_networks(self.networks),
            ),
        )


class OwnApiKey(StudioSchema):
    """A key of the account, without its secret. Times are in Unix seconds."""

    id: str = Field(description="Id of the key (UUID).")
    name: str = Field(description="Name of the key.")
    hint: str = Field(description="Start and end of the secret, to recognise the key.")
    scopes: list[str] = Field(description="Parts of the API that it may use.")
    spend_hour: int | None = Field(description="Spend limit in credits per hour, or null.")
    spend_day: int | None = Field(description="Spend limit in credits per day, or null.")
    spend_total: int | None = Field(description="Spend limit in credits in total, or null.")
    per_minute: int | None = Field(description="Rate limit in requests per minute, or null.")
    max_unfinished: int | None = Field(description="Maximum of unfinished jobs, or null.")
    models: list[str] = Field(description="Names of the allowed models; empty: any.")
    networks: list[str] = Field(description="Allowed client networks; empty: any.")
    spent: int = Field(description="Credits charged to and held by its jobs.")
    created_at: int = Field(description="Time of creation.")
    expires_at: int | None = Field(description="Expiry, or null.")
    disabled_at: int | None = Field(description="Time at which an operator disabled it, or null.")
    revoked_at: int | None = Field(description="Time of revocation, or null.")


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
        _DOCS, "POST", _KEYS, routes.create, "createMyKey", OwnApiKeyWithSecret, 400,
        body=json_body(CreateOwnKey),
    )  # fmt: skip
    table.add(_DOCS, "DELETE", _KEYS + "/{key_id}", routes.revoke, "revokeMyKey", OwnApiKey, 404)


def own_key(one: OwnKey) -> dict[str, Any]:
    """Return the JSON of a key for its owner."""
    key, limits = one.key, one.key.limits
    return {
        "id": str(key.id),
        "name": key.name,
        "hint": key.hint,
        "scopes": sorted(key.scopes),
        "spend_hour": limits.spend_hour,
        "spend_day": limits.spend_day,
        "spend_total": limits.spend_total,
        "per_minute": limits.per_minute,
        "max_unfinished": limits.max_unfinished,
        "models": list(limits.models),
        "networks": [str(network) for network in limits.networks],
        "spent": one.spent,
        "created_at": to_unix(key.created_at),
        "expires_at": to_unix(key.expires_at),
        "disabled_at": to_unix(key.disabled_at),
        "revoked_at": to_unix(key.revoked_at),
    }
