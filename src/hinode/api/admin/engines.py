"""Engines in the admin API, and the accounts at their servers."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema, PlanName, to_unix
from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorQuery, parse_uuid, render_page
from hinode.api.json_text import json_response
from hinode.api.parsing import (
    Boolean,
    ClosedRequestSchema,
    Defaulted,
    DefaultedInteger,
    Nullable,
    NullableInteger,
    Remedy,
    Required,
    parse,
)
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body, query_parameters
from hinode.core.engines.admin import EngineStatus
from hinode.core.engines.types import AdminState
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page
from hinode.core.upstreams.service import UpstreamAccountUpdate, UpstreamAccountView
from hinode.core.upstreams.types import Slots, UpstreamAccountCreate
from hinode.upstream_accounts import TokenSet

_ENGINES = "/v1/admin/engines"
_ACCOUNTS = "/v1/admin/engine_accounts"
_ACCOUNT = _ACCOUNTS + "/{account_id}"

AdminStateName = Literal["open", "draining", "stopped"]
Concurrency = Annotated[
    int, Field(ge=-1, le=1_000, description="Jobs at once; -1: any number, 0: none.")
]
Label = Annotated[str, Field(max_length=120)]


class UpdateEngine(ClosedRequestSchema):
    """`draining` finishes what is queued and gets nothing new; `stopped` starts nothing."""

    admin_state: Annotated[Required[AdminStateName], Remedy("One of open, draining, stopped.")]


class AdminEngine(AdminSchema):
    """An engine that models name: its state, its jobs and its failures."""

    name: str
    admin_state: AdminStateName
    queued: int
    running: int
    failures: int = Field(description="In a row.")
    cooldown_until: int | None
    reason: str | None = Field(description="The last failure.")


class EngineList(AdminSchema):
    """All engines, by name."""

    data: list[AdminEngine]


class CreateEngineAccount(ClosedRequestSchema):
    """An account at an engine's server, by at least one of its tokens, which are never shown.

    One whose e-mail address is known already gets the new tokens.
    """

    engine: Annotated[
        Required[str], Remedy("The name of an engine with accounts, as in hinode.toml.")
    ]
    access_token: Nullable[str] = None
    session_token: Nullable[str] = None
    refresh_token: Nullable[str] = None
    client_id: Nullable[str] = None
    email: Nullable[str] = None
    label: Defaulted[Label] = ""
    video_concurrency: DefaultedInteger[Concurrency] = 3
    image_concurrency: DefaultedInteger[Concurrency] = 3

    def new_account(self) -> UpstreamAccountCreate:
        """Return the account to add."""
        tokens = TokenSet(self.access_token, self.session_token, self.refresh_token, self.client_id)
        slots = Slots(self.video_concurrency, self.image_concurrency)
        return UpstreamAccountCreate(self.engine, tokens, self.label, self.email, slots)


class UpdateEngineAccount(ClosedRequestSchema):
    """Fields to update; omitted fields are unchanged.

    Enabling forgets failures; a disabled account finishes the jobs that it has.
    """

    enabled: Boolean = None
    label: Nullable[Label] = None
    video_concurrency: NullableInteger[Concurrency] = None
    image_concurrency: NullableInteger[Concurrency] = None

    def change(self) -> UpstreamAccountUpdate:
        """Return the change of the account."""
        return UpstreamAccountUpdate(
            self.enabled, self.label, self.video_concurrency, self.image_concurrency
        )


class ListEngineAccounts(CursorQuery):
    """A page of accounts, of one engine or of all."""

    engine: Nullable[str] = None


class AdminEngineAccount(AdminSchema):
    """An account at an engine's server, without its tokens."""

    id: str
    engine: str
    label: str
    email: str | None
    state: Literal["ready", "cooldown", "quarantined", "disabled"]
    reason: str | None = Field(description="The last failure.")
    plan: PlanName | None = Field(description="By its server; null: not known yet.")
    videos_left: int | None
    resets_at: int | None
    expires_at: int | None = Field(description="When its access token expires.")
    renewable: bool = Field(description="Whether its access token is refreshed by itself.")
    cooldown_until: int | None
    failures: int = Field(description="In a row.")
    video_concurrency: int
    image_concurrency: int
    videos_running: int
    images_running: int
    videos_made: int
    images_made: int
    last_used_at: int | None
    created_at: int


class EngineAccountPage(AdminSchema):
    """A page of accounts in the order in which they were added."""

    data: list[AdminEngineAccount]
    has_more: bool
    next_cursor: str | None


class AdminEngineRoutes(AdminRoutes):
    """The routes of engines."""

    async def list_engines(self, request: Request) -> Response:
        """Return the engines that models name, their jobs and their health."""
        found = await self.call(request, self.context.core.engines.engines)
        return json_response({"data": [_engine(one) for one in found]})

    async def update(self, request: Request, name: str) -> Response:
        """Start (`open`), drain or stop an engine; starting forgets its failures."""
        _, parsed = await self.body(request, UpdateEngine)
        set_state, state = self.context.core.engines.set_admin_state, AdminState(parsed.admin_state)
        return json_response(_engine(await self.context.call(set_state, name, state)))


class AdminEngineAccountRoutes(AdminRoutes):
    """The routes of accounts at engines' servers."""

    async def list_accounts(self, request: Request) -> Response:
        """Return a page of accounts at engines' servers, without their tokens."""

        def page() -> Page[UpstreamAccountView]:
            parsed = parse(ListEngineAccounts, request.query_params)
            return self.context.core.upstreams.page(parsed.engine, parsed.page(parse_uuid))

        found = await self.call(request, page)
        return json_response(render_page([_account(one) for one in found.items], found.has_more))

    async def add(self, request: Request) -> Response:
        """Add an account; its server is asked about it within a minute."""
        _, parsed = await self.body(request, CreateEngineAccount)
        add = self.context.core.upstreams.add
        return json_response(_account(await self.context.call(add, parsed.new_account())))

    async def retrieve(self, request: Request, account_id: str) -> Response:
        """Return an account at an engine's server."""

        def view() -> UpstreamAccountView:
            return self.context.core.upstreams.view(_account_id(account_id))

        return json_response(_account(await self.call(request, view)))

    async def update(self, request: Request, account_id: str) -> Response:
        """Enable or disable an account, or change its label or its concurrency."""
        _, parsed = await self.body(request, UpdateEngineAccount)
        change, found = self.context.core.upstreams.change, _account_id(account_id)
        return json_response(_account(await self.context.call(change, found, parsed.change())))

    async def remove(self, request: Request, account_id: str) -> Response:
        """Remove an account and its tokens; one with unfinished jobs is refused."""

        def remove() -> UpstreamAccountView:
            return self.context.core.upstreams.remove(_account_id(account_id))

        return json_response(_account(await self.call(request, remove)))


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of engines and of their accounts."""
    engines, accounts = AdminEngineRoutes(context), AdminEngineAccountRoutes(context)
    table.add(DOCS, "GET", _ENGINES, engines.list_engines, "adminListEngines", EngineList)
    table.add(
        DOCS, "PATCH", _ENGINES + "/{name}", engines.update, "adminUpdateEngine", AdminEngine, 400,
        body=json_body(UpdateEngine),
    )  # fmt: skip
    table.add(
        DOCS, "GET", _ACCOUNTS, accounts.list_accounts, "adminListEngineAccounts",
        EngineAccountPage, 400, parameters=query_parameters(ListEngineAccounts),
    )  # fmt: skip
    shown = AdminEngineAccount
    table.add(
        DOCS, "POST", _ACCOUNTS, accounts.add, "adminAddEngineAccount", shown, 400,
        body=json_body(CreateEngineAccount),
    )  # fmt: skip
    table.add(DOCS, "GET", _ACCOUNT, accounts.retrieve, "adminRetrieveEngineAccount", shown, 404)
    table.add(
        DOCS, "PATCH", _ACCOUNT, accounts.update, "adminUpdateEngineAccount", shown, 400, 404,
        body=json_body(UpdateEngineAccount),
    )  # fmt: skip
    table.add(
        DOCS, "DELETE", _ACCOUNT, accounts.remove, "adminRemoveEngineAccount", shown, 404, 409
    )


def _engine(one: EngineStatus) -> dict[str, Any]:
    state = one.state
    return {
        "name": state.name,
        "admin_state": state.admin_state.value,
        "queued": one.queued,
        "running": one.running,
        "failures": state.failures,
        "cooldown_until": to_unix(state.cooldown_until),
        "reason": state.reason,
    }


def _account(view: UpstreamAccountView) -> dict[str, Any]:
    one = view.account
    return {
        "id": str(one.id),
        "engine": one.engine,
        "label": one.label,
        "email": one.email,
        "state": view.state.value,
        "reason": one.reason,
        "plan": None if one.plan is None else one.plan.value,
        "videos_left": one.videos_left,
        "resets_at": to_unix(one.resets_at),
        "expires_at": to_unix(one.expires_at),
        "renewable": one.renewable,
        "cooldown_until": to_unix(one.cooldown_until),
        "failures": one.failures,
        "video_concurrency": one.slots.videos,
        "image_concurrency": one.slots.images,
        "videos_running": view.videos,
        "images_running": view.images,
        "videos_made": one.videos_made,
        "images_made": one.images_made,
        "last_used_at": to_unix(one.last_used_at),
        "created_at": to_unix(one.created_at),
    }


def _account_id(text: str) -> UUID:
    found = parse_uuid(text)
    if found is None:
        raise HinodeError(
            ErrorCode.UPSTREAM_NOT_FOUND,
            "There is no account of an engine with this id.",
            param="id",
        )
    return found
