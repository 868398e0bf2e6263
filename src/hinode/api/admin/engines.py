"""Engines and engine accounts (accounts at upstream servers) in the admin API."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema, PlanName
from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorPage, CursorQuery, parse_uuid, render_page
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
from hinode.api.schema_docs import json_body
from hinode.api.unix_times import to_unix
from hinode.core.engines.admin import EngineStatus
from hinode.core.engines.types import AdminState
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page
from hinode.core.upstreams.service import UpstreamAccountUpdate, UpstreamAccountView
from hinode.core.upstreams.types import Slots, UpstreamAccountCreate
from hinode.upstream_accounts import TokenSet

_DOCS = DOCS.of("engines")

_ENGINES = "/v1/admin/engines"
ENGINE_ACCOUNTS = "/v1/admin/engine_accounts"
_ACCOUNT = ENGINE_ACCOUNTS + "/{account_id}"

_NO_SLOTS: Mapping[str, tuple[int, int]] = {}

AdminStateName = Literal["open", "draining", "stopped"]
Concurrency = Annotated[
    int, Field(ge=-1, le=1_000, description="Maximum of concurrent jobs; -1 for no limit.")
]
Label = Annotated[str, Field(max_length=120)]


class UpdateEngine(ClosedRequestSchema):
    """The admin state of an engine to set."""

    admin_state: Annotated[Required[AdminStateName], Remedy("One of open, draining, stopped.")] = (
        Field(
            description="`open`: in use; `draining`: queued jobs are rendered, new ones rejected; "
            "`stopped`: no job is started."
        )
    )


class AdminEngine(AdminSchema):
    """An engine: state, jobs and failures."""

    name: str = Field(description="Name of the engine.", examples=["preview"])
    admin_state: AdminStateName = Field(description="State set by the operator.")
    queued: int = Field(description="Number of queued jobs.")
    running: int = Field(description="Number of running jobs.")
    failures: int = Field(description="Number of consecutive failures.")
    cooldown_until: int | None = Field(
        description="End of the cooldown in Unix seconds; null without one."
    )
    reason: str | None = Field(description="Reason of the last failure.")
    credits_today: int = Field(
        description="Credits of jobs that came today (UTC) to its routes with `credits_per_day`."
    )

    absent: bool = Field(
        description="True if no living worker offers it, so that new jobs are rejected."
    )
    concurrency: int | None = Field(
        description="Jobs that this server renders at once with it; null without a worker for it."
    )
    models: list[str] = Field(description="Ids of the models that it renders.")
    description: str | None = Field(
        description="What it is; null until a worker has offered it once."
    )
    licence: str | None = Field(description="Licence of its models; null as `description`.")
    kinds: list[Literal["video", "image"]] = Field(description="What it renders.")
    hosted: bool = Field(description="True if its server is outside of the house.")
    has_accounts: bool = Field(description="True if this server uses it with accounts.")


class EngineList(AdminSchema):
    """All engines, by name."""

    data: list[AdminEngine] = Field(description="The engines.")


class CreateEngineAccount(ClosedRequestSchema):
    """Parameters of an engine account: at least one token is required.

    If an account of the engine has the same e-mail address, its tokens are replaced.
    """

    engine: Annotated[
        Required[str], Remedy("The name of an engine with accounts, as in hinode.toml.")
    ] = Field(description="Name of the engine in `hinode.toml`.")
    access_token: Nullable[str] = Field(default=None, description="Access token of the account.")
    session_token: Nullable[str] = Field(
        default=None, description="Value of the session cookie; refreshes the access token."
    )
    refresh_token: Nullable[str] = Field(
        default=None, description="OAuth refresh token; refreshes the access token."
    )
    client_id: Nullable[str] = Field(
        default=None, description="OAuth client of the refresh token; by default the usual one."
    )
    email: Nullable[str] = Field(
        default=None, description="E-mail address; by default the server is asked for it."
    )
    label: Defaulted[Label] = Field(default="", description="Free text of the operator.")
    video_concurrency: DefaultedInteger[Concurrency] = Field(
        default=3, description="Maximum of concurrent videos; -1 for no limit."
    )
    image_concurrency: DefaultedInteger[Concurrency] = Field(
        default=3, description="Maximum of concurrent images; -1 for no limit."
    )

    def new_account(self) -> UpstreamAccountCreate:
        """Return the account to add."""
        tokens = TokenSet(self.access_token, self.session_token, self.refresh_token, self.client_id)
        slots = Slots(self.video_concurrency, self.image_concurrency)
        return UpstreamAccountCreate(self.engine, tokens, self.label, self.email, slots)


class UpdateEngineAccount(ClosedRequestSchema):
    """Fields to update; omitted fields are unchanged."""

    enabled: Boolean = Field(
        default=None,
        description="True resets failures and cooldown; false assigns no new jobs, running ones "
        "are finished.",
    )
    label: Nullable[Label] = Field(default=None, description="Free text of the operator.")
    video_concurrency: NullableInteger[Concurrency] = Field(
        default=None, description="Maximum of concurrent videos; -1 for no limit."
    )
    image_concurrency: NullableInteger[Concurrency] = Field(
        default=None, description="Maximum of concurrent images; -1 for no limit."
    )

    def change(self) -> UpstreamAccountUpdate:
        """Return the update for the service."""
        return UpstreamAccountUpdate(
            self.enabled, self.label, self.video_concurrency, self.image_concurrency
        )


class ListEngineAccounts(CursorQuery):
    """Query of the list of engine accounts."""

    engine: Nullable[str] = Field(default=None, description="Return only accounts of this engine.")


class AdminEngineAccount(AdminSchema):
    """An engine account, without its tokens. Times are in Unix seconds."""

    id: str = Field(description="Id of the account (UUID).")
    engine: str = Field(description="Name of the engine.")
    label: str = Field(description="Free text of the operator.")
    email: str | None = Field(description="E-mail address; null if not known yet.")
    state: Literal["ready", "cooldown", "quarantined", "disabled"] = Field(
        description="`ready`: in use; `cooldown`: unused until `cooldown_until`; `quarantined`: "
        "unused until repaired; `disabled`: by the operator."
    )
    reason: str | None = Field(description="Reason of the last failure.")
    plan: PlanName | None = Field(description="Plan at its server; null if not known yet.")
    videos_left: int | None = Field(
        description="Videos left by its quota at the server; null if not known yet."
    )
    resets_at: int | None = Field(description="Time when the quota resets; null if not known.")
    expires_at: int | None = Field(description="Expiry of the access token; null if not known.")
    renewable: bool = Field(description="True if the access token is refreshed automatically.")
    cooldown_until: int | None = Field(description="End of the cooldown; null without one.")
    failures: int = Field(description="Number of consecutive failures.")
    video_concurrency: int = Field(description="Maximum of concurrent videos; -1 for no limit.")
    image_concurrency: int = Field(description="Maximum of concurrent images; -1 for no limit.")
    videos_running: int = Field(description="Number of videos in progress.")
    images_running: int = Field(description="Number of images in progress.")
    videos_made: int = Field(description="Number of videos accepted by the server so far.")
    images_made: int = Field(description="Number of images accepted by the server so far.")
    last_used_at: int | None = Field(description="Time of the last use; null if never used.")
    created_at: int = Field(description="Time of creation.")


class EngineAccountPage(CursorPage[AdminEngineAccount]):
    """A page of engine accounts, oldest first."""


class AdminEngineRoutes(AdminRoutes):
    """Handlers of engines."""

    async def list_engines(self, request: Request) -> Response:
        """List the engines of all models with their state and jobs."""
        found = await self.call(request, self.context.core.engines.engines)
        return json_response({"data": [self._object(one) for one in found]})

    async def update(self, request: Request, name: str) -> Response:
        """Open, drain or stop an engine.

        Opening resets its failures and ends its cooldown.
        """
        _, parsed = await self.body(request, UpdateEngine)
        set_state, state = self.context.core.engines.set_admin_state, AdminState(parsed.admin_state)
        found = await self.context.call(set_state, name, state)
        return json_response(self._object(found))

    def _object(self, one: EngineStatus) -> dict[str, Any]:
        return engine_object(one, self.context.readiness.slots(), self.context.account_checks)


class AdminEngineAccountRoutes(AdminRoutes):
    """Handlers of engine accounts."""

    async def list_accounts(self, request: Request) -> Response:
        """List engine accounts, oldest first, without their tokens."""

        def page() -> Page[UpstreamAccountView]:
            parsed = parse(ListEngineAccounts, request.query_params)
            return self.context.core.upstreams.page(parsed.engine, parsed.page(parse_uuid))

        found = await self.call(request, page)
        return json_response(render_page(found, engine_account_object))

    async def add(self, request: Request) -> Response:
        """Add an engine account.

        Its plan and quota are requested from its server within a minute.
        """
        _, parsed = await self.body(request, CreateEngineAccount)
        add = self.context.core.upstreams.add
        return json_response(
            engine_account_object(await self.context.call(add, parsed.new_account()))
        )

    async def retrieve(self, request: Request, account_id: str) -> Response:
        """Retrieve an engine account."""

        def view() -> UpstreamAccountView:
            return self.context.core.upstreams.view(account_id_of(account_id))

        return json_response(engine_account_object(await self.call(request, view)))

    async def update(self, request: Request, account_id: str) -> Response:
        """Enable or disable an engine account, or update its label or concurrency."""
        _, parsed = await self.body(request, UpdateEngineAccount)
        change, found = self.context.core.upstreams.change, account_id_of(account_id)
        return json_response(
            engine_account_object(await self.context.call(change, found, parsed.change()))
        )

    async def remove(self, request: Request, account_id: str) -> Response:
        """Delete an engine account and its tokens.

        An account with unfinished jobs cannot be deleted: 409 `not_ready`.
        """

        def remove() -> UpstreamAccountView:
            return self.context.core.upstreams.remove(account_id_of(account_id))

        return json_response(engine_account_object(await self.call(request, remove)))


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of engines and engine accounts."""
    engines, accounts = AdminEngineRoutes(context), AdminEngineAccountRoutes(context)
    table.add(_DOCS, "GET", _ENGINES, engines.list_engines, "adminListEngines", EngineList)
    table.add(
        _DOCS, "PATCH", _ENGINES + "/{name}", engines.update, "adminUpdateEngine", AdminEngine, 400,
        body=json_body(UpdateEngine),
    )  # fmt: skip
    table.add(
        _DOCS, "GET", ENGINE_ACCOUNTS, accounts.list_accounts, "adminListEngineAccounts",
        EngineAccountPage, 400, query=ListEngineAccounts,
    )  # fmt: skip
    shown = AdminEngineAccount
    table.add(
        _DOCS, "POST", ENGINE_ACCOUNTS, accounts.add, "adminAddEngineAccount", shown, 400,
        body=json_body(CreateEngineAccount),
    )  # fmt: skip
    table.add(_DOCS, "GET", _ACCOUNT, accounts.retrieve, "adminRetrieveEngineAccount", shown, 404)
    table.add(
        _DOCS, "PATCH", _ACCOUNT, accounts.update, "adminUpdateEngineAccount", shown, 400, 404,
        body=json_body(UpdateEngineAccount),
    )  # fmt: skip
    table.add(
        _DOCS, "DELETE", _ACCOUNT, accounts.remove, "adminRemoveEngineAccount", shown, 404, 409
    )


def engine_object(
    one: EngineStatus,
    slots: Mapping[str, tuple[int, int]] = _NO_SLOTS,
    with_accounts: Container[str] = (),
) -> dict[str, Any]:
    """Return the JSON of an engine; ``slots`` are those of this process: occupied and all."""
    state, can = one.state, one.capabilities
    return {
        "name": state.name,
        "admin_state": state.admin_state.value,
        "queued": one.queued,
        "running": one.running,
        "failures": state.failures,
        "cooldown_until": to_unix(state.cooldown_until),
        "reason": state.reason,
        "credits_today": one.credits_today,
        "absent": one.absent,
        "concurrency": slots[state.name][1] if state.name in slots else None,
        "models": list(one.models),
        "description": can.description if can else None,
        "licence": can.licence if can else None,
        "kinds": sorted(can.kinds) if can else [],
        "hosted": can is not None and can.hosted,
        "has_accounts": state.name in with_accounts,
    }


def engine_account_object(view: UpstreamAccountView) -> dict[str, Any]:
    """Return the JSON of an engine account."""
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


def account_id_of(text: str) -> UUID:
    """Return an engine account's id. Raises :class:`HinodeError`."""
    found = parse_uuid(text)
    if found is None:
        raise HinodeError(
            ErrorCode.UPSTREAM_NOT_FOUND,
            "There is no account of an engine with this id.",
            param="id",
        )
    return found
