"""Engine accounts in the admin API: tested at their server, exported and imported."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema
from hinode.api.admin.engines import (
    ENGINE_ACCOUNTS,
    AdminEngineAccount,
    account_id_of,
    engine_account_object,
)
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.parsing import ClosedRequestSchema, Defaulted, Remedy, Required
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.upstreams import export_format
from hinode.core.upstreams.export_format import ImportMode
from hinode.core.upstreams.service import UpstreamAccountView

_DOCS = DOCS.of("engines")
EngineWithAccounts = Annotated[
    Required[str], Remedy("The name of an engine with accounts, as in hinode.toml.")
]


class ExportEngineAccounts(ClosedRequestSchema):
    """The engine whose accounts are exported."""

    engine: EngineWithAccounts = Field(description="Name of the engine in `hinode.toml`.")


class ImportEngineAccounts(ClosedRequestSchema):
    """Accounts to import, 1 MB at most; `hinode engine account import` takes more."""

    engine: EngineWithAccounts = Field(description="Name of the engine in `hinode.toml`.")
    mode: Defaulted[Literal["offline", "at", "st", "rt"]] = Field(
        default="offline",
        description="Tokens to take of each account: `offline` all, `at`, `st` and `rt` its "
        "access, session or refresh token.",
    )
    tokens: Annotated[Required[list[Any]], Remedy("The accounts of an export.")] = Field(
        description="Accounts as in an export of Hinode or sora2api.",
        json_schema_extra={"items": {"type": "object", "additionalProperties": True}},
    )


class ExportedAccount(AdminSchema):
    """An engine account with its tokens: whoever has them can use it."""

    email: str | None = Field(description="E-mail address; null if not known.")
    access_token: str | None = Field(description="Access token.")
    session_token: str | None = Field(description="Value of the session cookie.")
    refresh_token: str | None = Field(description="OAuth refresh token.")
    client_id: str | None = Field(description="OAuth client of the refresh token.")
    remark: str = Field(description="Free text of the operator.")
    is_active: bool = Field(description="False if the operator disabled it.")
    image_enabled: bool = Field(description="True if it renders images.")
    video_enabled: bool = Field(description="True if it renders videos.")
    image_concurrency: int = Field(description="Maximum of concurrent images; -1 for no limit.")
    video_concurrency: int = Field(description="Maximum of concurrent videos; -1 for no limit.")


class AccountExport(AdminSchema):
    """The accounts of an engine, as an import takes them."""

    tokens: list[ExportedAccount] = Field(description="The accounts, oldest first.")


class ImportedAccounts(AdminSchema):
    """The accounts of an import, without their tokens."""

    data: list[AdminEngineAccount] = Field(description="The accounts, in the order of the import.")


class AccountTest(AdminSchema):
    """The result of a test of an engine account."""

    works: bool = Field(description="True if its server accepts it.")
    problem: str | None = Field(description="Why it does not work; null if it does.")
    account: AdminEngineAccount = Field(description="The account with what its server told.")


class EngineAccountActions(AdminRoutes):
    """Handlers of what is done with engine accounts besides changing them."""

    async def test(self, request: Request, account_id: str) -> Response:
        """Test an engine account at its server: its e-mail address, plan and quota."""

        def view() -> UpstreamAccountView:
            return self.context.core.upstreams.view(account_id_of(account_id))

        await self.caller(request)
        account = (await self.context.call(view)).account
        check = self.context.account_checks.get(account.engine)
        if check is None:
            raise _not_here(account.engine)
        await self.context.call(self.context.core.audit.record)
        problem = await check(account.id)
        now = await self.context.call(view)
        return json_response(
            {"works": problem is None, "problem": problem, "account": engine_account_object(now)}
        )

    async def export(self, request: Request) -> Response:
        """Export the accounts of an engine with their tokens; the audit log tells of it.

        Whoever has the response can use the accounts.
        """
        _, parsed = await self.body(request, ExportEngineAccounts)
        found = await self.context.call(self.context.core.upstreams.export, parsed.engine)
        response = json_response({"tokens": [export_format.written(*one) for one in found]})
        response.headers["cache-control"] = "no-store"
        return response

    async def import_accounts(self, request: Request) -> Response:
        """Import accounts of an export; those with a known e-mail address get the new tokens.

        Their plans and quotas are requested from the server within a minute.
        """
        _, parsed = await self.body(request, ImportEngineAccounts)

        def add_all() -> list[UpstreamAccountView]:
            mode, add = ImportMode(parsed.mode), self.context.core.upstreams.add
            return [add(one) for one in export_format.read(parsed.tokens, parsed.engine, mode)]

        added = await self.context.call(add_all)
        return json_response({"data": [engine_account_object(one) for one in added]})


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of tests, exports and imports."""
    actions = EngineAccountActions(context)
    table.add(
        _DOCS, "POST", ENGINE_ACCOUNTS + "/export", actions.export, "adminExportEngineAccounts",
        AccountExport, 400, body=json_body(ExportEngineAccounts),
    )  # fmt: skip
    table.add(
        _DOCS, "POST", ENGINE_ACCOUNTS + "/import", actions.import_accounts,
        "adminImportEngineAccounts", ImportedAccounts, 400, body=json_body(ImportEngineAccounts),
    )  # fmt: skip
    table.add(
        _DOCS, "POST", ENGINE_ACCOUNTS + "/{account_id}/test", actions.test,
        "adminTestEngineAccount", AccountTest, 400, 404,
    )  # fmt: skip


def _not_here(engine: str) -> HinodeError:
    return HinodeError(
        ErrorCode.INVALID_VALUE,
        f"This server does not have the engine '{engine[:80]}'.",
        param="id",
        hint="Ask a server whose hinode.toml has it, or remove the account.",
    )
