"""Accounts in the admin API: their plans, credits, ledger and usage."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema, PlanName, page_of
from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorPage, CursorQuery, parse_uuid, render_page
from hinode.api.json_text import json_response
from hinode.api.ledger_fields import LedgerCharged, LedgerCredits, LedgerEngine, LedgerKind
from hinode.api.parsing import (
    Boolean,
    ClosedRequestSchema,
    Defaulted,
    DefaultedFlag,
    DefaultedInteger,
    Nullable,
    Remedy,
    Required,
    RequiredInteger,
    parse,
)
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import IDEMPOTENCY_KEY, json_body
from hinode.api.unix_times import to_unix
from hinode.api.usage import UsagePage, UsageQuery, parse_period, render_usage
from hinode.core.accounts.repository import AccountFilter
from hinode.core.accounts.types import Invites, Plan, Role
from hinode.core.credits.types import LedgerEntry
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.account_admin import AccountCreate, AccountSort, AccountUpdate, AccountView
from hinode.core.jobs.accounting import Period, UsageRow
from hinode.core.pagination import Page
from hinode.core.text_checks import check_storable

_DOCS = DOCS.of("accounts")

_ACCOUNTS = "/v1/admin/accounts"
_ACCOUNT = _ACCOUNTS + "/{name}"
SortName = Literal["created", "-created", "name", "-name", "balance", "-balance", "spent", "-spent"]
RoleName = Literal["user", "operator"]
_NAME_RULE = "1 to 80 letters, digits, dots, dashes or underscores."


class CreateAccount(ClosedRequestSchema):
    """Parameters of a new account."""

    name: Annotated[Required[str], Remedy(_NAME_RULE)] = Field(
        description="Unique name of the account.",
        examples=["acme"],
        json_schema_extra={"pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"},
    )
    plan: Defaulted[PlanName] = Field(default="free", description="Plan of the account.")
    credits: DefaultedInteger[Annotated[int, Field(ge=0, le=1_000_000_000_000)]] = Field(
        default=0, description="Initial balance in credits."
    )
    unlimited: Defaulted[Boolean] = Field(
        default=False, description="True if credits are unlimited; not together with `credits`."
    )

    role: Defaulted[RoleName] = Field(
        default="user", description="Role of the account; an `operator` administers the server."
    )
    local_only: DefaultedFlag = Field(
        default=False, description="Its jobs go to no engine whose server is outside of the house."
    )

    def new_account(self) -> AccountCreate:
        """Return the account to create. Raises :class:`HinodeError`."""
        if self.credits and self.unlimited:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                "'credits' is not given with 'unlimited': unlimited credits are not counted.",
                param="credits",
            )
        return AccountCreate(
            self.name,
            Plan(self.plan),
            bool(self.unlimited),
            self.credits,
            Role(self.role),
            self.local_only,
        )


class ListAccounts(CursorQuery):
    """Query of the list of accounts."""

    q: Nullable[str] = Field(
        default=None, description="A part of the name, e-mail address or username, in any case."
    )
    role: Nullable[RoleName] = Field(default=None, description="Return only this role.")
    banned: Boolean = Field(default=None, description="True for banned accounts only.")
    sort: Defaulted[SortName] = Field(
        default="created",
        description="`created`, `name`, `balance` or `spent`; with `-` before it the other way "
        "around. Unlimited credits are more than any number.",
    )

    def order(self) -> tuple[AccountSort, bool]:
        """Return what the list is sorted by, and if it is the other way around."""
        return AccountSort(self.sort.removeprefix("-")), self.sort.startswith("-")

    def chosen(self) -> AccountFilter:
        """Return the filter for the service. Raises :class:`HinodeError`."""
        check_storable(self.q or "", "q")
        return AccountFilter(self.q, None if self.role is None else Role(self.role), self.banned)


class UpdateAccount(ClosedRequestSchema):
    """Fields to update; omitted fields are unchanged."""

    plan: Nullable[PlanName] = Field(default=None, description="Plan of the account.")
    unlimited: Boolean = Field(default=None, description="True if credits are unlimited.")
    banned: Boolean = Field(
        default=None, description="True to reject the keys and tokens of the account."
    )
    role: Nullable[RoleName] = Field(
        default=None, description="Role of the account; another one ends its sessions."
    )
    email: Nullable[str] = Field(default=None, description="E-mail address of the account.")
    username: Nullable[str] = Field(default=None, description="Username of the account.")
    password: Nullable[Annotated[str, Field(max_length=1_000)]] = Field(
        default=None, description="New password; it ends the account's sessions.", repr=False
    )
    local_only: Boolean = Field(
        default=None,
        description="True to keep its new jobs from engines with servers outside of the house.",
    )

    def change(self) -> AccountUpdate:
        """Return the update for the service."""
        plan = None if self.plan is None else Plan(self.plan)
        role = None if self.role is None else Role(self.role)
        return AccountUpdate(
            plan=plan,
            unlimited=self.unlimited,
            banned=self.banned,
            role=role,
            local_only=self.local_only,
            email=self.email,
            username=self.username,
            password=self.password,
        )


class CreateGrant(ClosedRequestSchema):
    """Parameters of a grant."""

    credits: Annotated[
        RequiredInteger[Annotated[int, Field(ge=1, le=1_000_000_000_000)]],
        Remedy("A whole number of credits."),
    ] = Field(description="Credits to add to the balance.")


class CreateDebit(ClosedRequestSchema):
    """Parameters of a debit."""

    credits: Annotated[
        RequiredInteger[Annotated[int, Field(ge=1, le=1_000_000_000_000)]],
        Remedy("A whole number of credits."),
    ] = Field(description="Credits to take from the balance, at most what it has.")


class AdminInvite(AdminSchema):
    """The invite code of an account."""

    code: str = Field(description="The code, with which others sign up.")
    redeemed: int = Field(description="Number of times that it was redeemed.")
    total: int = Field(description="Number of times that the plan allows.")


class AdminAccount(AdminSchema):
    """An account and its credits."""

    id: str = Field(description="Id of the account (UUID).")
    name: str = Field(description="Unique name of the account.", examples=["acme"])
    email: str = Field(description="E-mail address of the account.")
    username: str | None = Field(description="Username of the account, or null.")
    plan: PlanName = Field(description="Plan of the account.")
    role: RoleName = Field(description="Role of the account.")
    banned: bool = Field(description="True if its keys and tokens are rejected.")
    local_only: bool = Field(
        description="True if its jobs go to no engine whose server is outside of the house."
    )
    unlimited: bool = Field(description="True if credits are unlimited.")
    balance: int | None = Field(description="Credits left; null if unlimited.")
    held: int = Field(description="Credits held for unfinished jobs.")
    spent: int = Field(description="Credits charged so far.")
    created_at: int = Field(description="Time of creation in Unix seconds.")


class AdminLedgerEntry(AdminSchema):
    """An entry of an account's ledger."""

    id: str = Field(description="Id of the entry (UUID).")
    kind: LedgerKind
    credits: LedgerCredits
    charged: LedgerCharged
    task_id: str | None = Field(description="Id of the job (UUID); null for a grant.")
    engine: LedgerEngine
    upstream: str | None = Field(
        description="The model's name at the server of that engine; null for its default."
    )
    created_at: int = Field(description="Time of the entry in Unix seconds.")


class AdminGrant(AdminLedgerEntry):
    """The ledger entry of a grant, with the account."""

    account: AdminAccount = Field(description="The account as it is now.")


class AccountPage(CursorPage[AdminAccount]):
    """A page of accounts."""


class LedgerPage(CursorPage[AdminLedgerEntry]):
    """A page of a ledger, newest first."""


class AdminAccountRoutes(AdminRoutes):
    """Handlers of accounts."""

    async def list_accounts(self, request: Request) -> Response:
        """List accounts with their credits, oldest first unless `sort` says otherwise."""

        def page() -> Page[AccountView]:
            query = parse(ListAccounts, request.query_params)
            wanted, chosen = query.page(parse_uuid), query.chosen()
            sort, descending = query.order()
            return self.context.core.accounts.page(wanted, chosen, sort, descending=descending)

        found = await self.call(request, page)
        return json_response(render_page(found, account_object))

    async def create(self, request: Request) -> Response:
        """Create an account."""
        _, parsed = await self.body(request, CreateAccount)
        create = self.context.core.accounts.create
        return json_response(account_object(await self.context.call(create, parsed.new_account())))

    async def retrieve(self, request: Request, name: str) -> Response:
        """Retrieve an account with its credits."""
        found = await self.call(request, self.context.core.accounts.view, name)
        return json_response(account_object(found))

    async def update(self, request: Request, name: str) -> Response:
        """Update the plan of an account, make its credits unlimited, or ban it."""
        caller, parsed = await self.body(request, UpdateAccount)
        change = self.context.core.accounts.change
        return json_response(
            account_object(await self.context.call(change, caller, name, parsed.change()))
        )

    async def grant(self, request: Request, name: str) -> Response:
        """Add credits to an account."""
        caller, parsed = await self.body(request, CreateGrant)
        grant, key = self.context.core.accounts.grant, request.headers.get("idempotency-key")
        made = await self.context.call(grant, caller, name, parsed.credits, key)
        return json_response({**entry_object(made.entry), "account": account_object(made.view)})

    async def debit(self, request: Request, name: str) -> Response:
        """Take credits from an account, at most what its balance has."""
        _, parsed = await self.body(request, CreateDebit)
        debit = self.context.core.accounts.debit
        return json_response(account_object(await self.context.call(debit, name, parsed.credits)))

    async def invite(self, request: Request, name: str) -> Response:
        """Retrieve the invite code of an account."""
        found = await self.call(request, self.context.core.accounts.invites, name)
        return json_response(_invite_object(found))

    async def renew_invite(self, request: Request, name: str) -> Response:
        """Replace the invite code of an account, as one that leaked; the old one is refused.

        How often the old one was redeemed counts on.
        """
        found = await self.call(request, self.context.core.accounts.renew_invite, name)
        return json_response(_invite_object(found))

    async def ledger(self, request: Request, name: str) -> Response:
        """List the ledger entries of an account, newest first."""

        def page() -> Page[LedgerEntry]:
            return self.context.core.accounts.ledger(name, page_of(request))

        found = await self.call(request, page)
        return json_response(render_page(found, entry_object))

    async def usage(self, request: Request, name: str) -> Response:
        """Retrieve the usage of an account by day (UTC), model and API key."""

        def usage() -> tuple[Period, list[UsageRow]]:
            accounts = self.context.core.accounts
            period = parse_period(request.query_params, accounts.clock.now().date())
            return period, accounts.usage(name, period)

        period, rows = await self.call(request, usage)
        return json_response(render_usage(period, rows))


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of accounts."""
    accounts = AdminAccountRoutes(context)
    table.add(
        _DOCS, "GET", _ACCOUNTS, accounts.list_accounts, "adminListAccounts", AccountPage, 400,
        query=ListAccounts,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", _ACCOUNTS, accounts.create, "adminCreateAccount", AdminAccount, 400, 409,
        body=json_body(CreateAccount),
    )  # fmt: skip
    table.add(_DOCS, "GET", _ACCOUNT, accounts.retrieve, "adminRetrieveAccount", AdminAccount, 404)
    table.add(
        _DOCS, "PATCH", _ACCOUNT, accounts.update, "adminUpdateAccount", AdminAccount, 400, 404,
        body=json_body(UpdateAccount),
    )  # fmt: skip
    table.add(
        _DOCS, "POST", _ACCOUNT + "/grants", accounts.grant, "adminGrantCredits", AdminGrant,
        400, 404, 409, body=json_body(CreateGrant), parameters=[IDEMPOTENCY_KEY],
    )  # fmt: skip
    table.add(
        _DOCS, "POST", _ACCOUNT + "/debits", accounts.debit, "adminDebitCredits", AdminAccount,
        400, 404, body=json_body(CreateDebit),
    )  # fmt: skip
    table.add(
        _DOCS, "GET", _ACCOUNT + "/invite", accounts.invite, "adminRetrieveInvite", AdminInvite, 404
    )
    table.add(
        _DOCS, "POST", _ACCOUNT + "/invite", accounts.renew_invite, "adminRenewInvite",
        AdminInvite, 404,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", _ACCOUNT + "/ledger", accounts.ledger, "adminListLedger", LedgerPage,
        400, 404, query=CursorQuery,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", _ACCOUNT + "/usage", accounts.usage, "adminRetrieveUsage", UsagePage,
        400, 404, query=UsageQuery,
    )  # fmt: skip


def _invite_object(found: Invites) -> dict[str, Any]:
    return {"code": found.code, "redeemed": found.redeemed, "total": found.total}


def account_object(view: AccountView) -> dict[str, Any]:
    """Return the JSON of an account."""
    one, summary = view.account, view.standing
    return {
        "id": str(one.id),
        "name": one.name,
        "email": view.profile.email,
        "username": view.profile.username,
        "plan": one.plan.value,
        "role": one.role.value,
        "banned": one.banned_at is not None,
        "local_only": one.local_only,
        "unlimited": summary.balance is None,
        "balance": summary.balance,
        "held": summary.held,
        "spent": summary.spent,
        "created_at": to_unix(one.created_at),
    }


def entry_object(one: LedgerEntry) -> dict[str, Any]:
    """Return the JSON of a ledger entry."""
    return {
        "id": str(one.id),
        "kind": one.kind.value,
        "credits": one.amount,
        "charged": one.charged,
        "task_id": str(one.job_id) if one.job_id else None,
        "engine": one.engine,
        "upstream": one.upstream,
        "created_at": to_unix(one.created_at),
    }
