"""Usage, ledger and deliveries of all accounts in the admin API."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.accounts import AdminLedgerEntry, entry_object
from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema
from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorPage, CursorQuery, parse_uuid, render_page
from hinode.api.delivery_objects import (
    DeliveryQuery,
    WebhookDelivery,
    parse_event_id,
    render_deliveries,
)
from hinode.api.json_text import json_response
from hinode.api.parsing import Nullable, parse
from hinode.api.routing import RouteTable
from hinode.api.usage import UsageQuery, parse_period
from hinode.core.credits.types import LedgerEntry, LedgerEntryKind
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.accounting import Period
from hinode.core.jobs.usage_report import UsageGroup, UsageSum
from hinode.core.pagination import Page
from hinode.core.webhooks.types import DeliveryLogEntry

_DOCS = DOCS.of("reports")

_GROUPS = ", ".join(UsageGroup)


class ReportQuery(UsageQuery):
    """A period of at most 366 days, and how to group its usage."""

    group: Nullable[str] = Field(
        default=None,
        description=f"What to group by, separated by commas: {_GROUPS}; by default `day`.",
    )


class ListAllLedger(CursorQuery):
    """Query of the ledger of all accounts."""

    account: Nullable[str] = Field(
        default=None, description="Return only entries of the account with this name."
    )
    kind: Nullable[Literal["grant", "hold", "settle", "refund"]] = Field(
        default=None, description="Return only entries of this kind."
    )


class ListDeliveries(DeliveryQuery):
    """Query of the deliveries of all accounts."""

    account: Nullable[str] = Field(
        default=None, description="Return only deliveries of the account with this name."
    )


class UsageGroupSum(AdminSchema):
    """Usage of one group; a column by which it is not grouped is null."""

    day: str | None = Field(description="Day in UTC, ISO 8601.")
    model: str | None = Field(description="Id of the model.")
    account: str | None = Field(description="Name of the account.")
    key_id: str | None = Field(description="Id of the API key; null also without one.")
    key_name: str | None = Field(description="Name of the API key.")
    engine: str | None = Field(description="Name of the engine.")
    jobs: int = Field(description="Number of jobs created.")
    completed: int = Field(description="Number of them that completed.")
    failed: int = Field(description="Number of them that failed or were canceled.")
    credits: int = Field(description="Credits charged, and held for unfinished jobs.")


class UsageReport(AdminSchema):
    """Usage of all accounts in a period."""

    first: str = Field(description="First day of the period (UTC).")
    last: str = Field(description="Last day of the period (UTC), included.")
    group: list[str] = Field(description="What it is grouped by.")
    jobs: int = Field(description="Number of jobs created in the period.")
    credits: int = Field(description="Credits of the period.")
    data: list[UsageGroupSum] = Field(description="One item per group.")


class AccountLedgerEntry(AdminLedgerEntry):
    """An entry of the ledger with its account."""

    account: str = Field(description="Name of the account.")


class AllLedgerPage(CursorPage[AccountLedgerEntry]):
    """A page of the ledger of all accounts, newest first."""


class DeliveryPage(CursorPage[WebhookDelivery]):
    """A page of deliveries, newest first."""


class AdminResentEvent(AdminSchema):
    """Confirmation of a resend."""

    event_id: str = Field(description="Id of the event: `evt_…`.")
    deliveries: int = Field(description="Number of receivers that it is sent to again.")


class AdminReportRoutes(AdminRoutes):
    """Handlers of reports over all accounts."""

    async def usage(self, request: Request) -> Response:
        """Retrieve the usage of all accounts, grouped by day, model, account, key or engine.

        Archived jobs count; a job that moved counts at the engine that it moved to.
        """

        def usage() -> tuple[Period, list[UsageGroup], list[UsageSum]]:
            core, query = self.context.core, request.query_params
            period = parse_period(query, core.accounts.clock.now().date())
            groups = _groups(parse(ReportQuery, query).group)
            return period, groups, core.reports.usage(period, groups)

        period, groups, sums = await self.call(request, usage)
        return json_response(_report(period, groups, sums))

    async def ledger(self, request: Request) -> Response:
        """List the ledger of all accounts, newest first."""

        def page() -> Page[tuple[LedgerEntry, str]]:
            query = parse(ListAllLedger, request.query_params)
            kind = None if query.kind is None else LedgerEntryKind(query.kind)
            owner = self._account_id(query.account)
            return self.context.core.reports.ledger(owner, kind, query.page(parse_uuid))

        found = await self.call(request, page)
        return json_response(render_page(found, _entry_of_account))

    async def deliveries(self, request: Request) -> Response:
        """List the deliveries of webhooks and callbacks of all accounts, newest first."""

        def page() -> Page[DeliveryLogEntry]:
            query = parse(ListDeliveries, request.query_params)
            owner = self._account_id(query.account)
            return self.context.core.deliveries.page(owner, query.states(), query.page(parse_uuid))

        found = await self.call(request, page)
        return json_response(render_deliveries(found))

    async def resend(self, request: Request, event_id: str) -> Response:
        """Send an event of any account to its receivers again."""

        def resend() -> int:
            return self.context.core.deliveries.resend(parse_event_id(event_id))

        number = await self.call(request, resend)
        return json_response({"event_id": event_id, "deliveries": number})

    def _account_id(self, name: str | None) -> Any:
        return None if name is None else self.context.core.accounts.view(name).account.id


def _entry_of_account(found: tuple[LedgerEntry, str]) -> dict[str, Any]:
    entry, account = found
    return {**entry_object(entry), "account": account}


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of reports."""
    routes = AdminReportRoutes(context)
    table.add(
        _DOCS, "GET", "/v1/admin/usage", routes.usage, "adminReportUsage", UsageReport, 400,
        query=ReportQuery,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", "/v1/admin/ledger", routes.ledger, "adminListAllLedger", AllLedgerPage,
        400, 404, query=ListAllLedger,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", "/v1/admin/deliveries", routes.deliveries, "adminListDeliveries",
        DeliveryPage, 400, 404, query=ListDeliveries,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", "/v1/admin/events/{event_id}/resend", routes.resend, "adminResendEvent",
        AdminResentEvent, 404,
    )  # fmt: skip


def _groups(text: str | None) -> list[UsageGroup]:
    names = [one.strip() for one in (text or "day").split(",") if one.strip()]
    unknown = next((one for one in names if one not in tuple(UsageGroup)), None)
    if unknown is not None:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"Usage is not grouped by '{unknown[:40]}'; it is by {_GROUPS}.",
            param="group",
        )
    return list(dict.fromkeys(UsageGroup(one) for one in names))


def _report(period: Period, groups: list[UsageGroup], sums: list[UsageSum]) -> dict[str, Any]:
    return {
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "group": [one.value for one in groups],
        "jobs": sum(one.jobs for one in sums),
        "credits": sum(one.credits for one in sums),
        "data": [_group_sum(one) for one in sums],
    }


def _group_sum(one: UsageSum) -> dict[str, Any]:
    return {
        "day": one.day.isoformat() if one.day else None,
        "model": one.model,
        "account": one.account,
        "key_id": str(one.key_id) if one.key_id else None,
        "key_name": one.key_name,
        "engine": one.engine,
        "jobs": one.jobs,
        "completed": one.completed,
        "failed": one.failed,
        "credits": one.credits,
    }
