"""Records of the caller's account: its ledger, usage and the deliveries of its webhooks."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorPage, CursorQuery, parse_uuid, render_page
from hinode.api.delivery_objects import (
    DeliveryQuery,
    WebhookDelivery,
    parse_event_id,
    render_deliveries,
)
from hinode.api.job_route import public_upstream
from hinode.api.ledger_fields import LedgerCharged, LedgerCredits, LedgerEngine, LedgerKind
from hinode.api.parsing import parse
from hinode.api.routing import RouteTable
from hinode.api.studio.common import DOCS, StudioRoutes, StudioSchema, private_json
from hinode.api.unix_times import to_unix
from hinode.api.usage import UsagePage, UsageQuery, parse_period, render_usage
from hinode.core.auth.types import Caller
from hinode.core.credits.types import LedgerEntry
from hinode.core.jobs.accounting import Period, UsageRow
from hinode.core.pagination import Page
from hinode.core.webhooks.types import DeliveryLogEntry

_DOCS = DOCS.of("account")

_DELIVERIES = "/v1/me/deliveries"


class OwnLedgerEntry(StudioSchema):
    """A change of the account's balance."""

    id: str = Field(description="Id of the entry (UUID).")
    kind: LedgerKind
    credits: LedgerCredits
    charged: LedgerCharged
    job_id: str | None = Field(description="Id of the job (UUID), or null.")
    engine: LedgerEngine
    upstream: str | None = Field(description="Name of the model there; null for its default.")
    created_at: int = Field(description="Time of the entry in Unix seconds.")


class OwnLedgerPage(CursorPage[OwnLedgerEntry]):
    """A page of the ledger, newest first."""


class OwnDeliveryPage(CursorPage[WebhookDelivery]):
    """A page of deliveries, newest first."""


class ResentEvent(StudioSchema):
    """Confirmation of a resend."""

    event_id: str = Field(description="Id of the event: `evt_…`.")
    deliveries: int = Field(description="Number of receivers that it is sent to again.")


class RecordRoutes(StudioRoutes):
    """Handlers of the caller's records."""

    async def ledger(self, request: Request) -> Response:
        """List what moved the balance of the caller's account, newest first."""

        def page(caller: Caller) -> Page[LedgerEntry]:
            wanted = parse(CursorQuery, request.query_params).page(parse_uuid)
            return self.context.core.own_account.ledger(caller, wanted)

        found = await self.auth.call(request, page)
        return private_json(render_page(found, _entry))

    async def usage(self, request: Request) -> Response:
        """Retrieve the usage of the caller's account by day (UTC), model and API key."""

        def usage(caller: Caller) -> tuple[Period, list[UsageRow]]:
            overview = self.context.core.overview
            period = parse_period(request.query_params, overview.clock.now().date())
            return period, overview.usage(caller, period)

        period, rows = await self.auth.call(request, usage)
        return private_json(render_usage(period, rows))

    async def deliveries(self, request: Request) -> Response:
        """List the deliveries of the account's webhooks and callbacks, newest first."""

        def page(caller: Caller) -> Page[DeliveryLogEntry]:
            query = parse(DeliveryQuery, request.query_params)
            return self.context.core.deliveries.page(
                caller.account_id, query.states(), query.page(parse_uuid)
            )

        found = await self.auth.call(request, page)
        return private_json(render_deliveries(found))

    async def resend(self, request: Request, event_id: str) -> Response:
        """Send an event of the account to its receivers again."""

        def resend(caller: Caller) -> int:
            event = parse_event_id(event_id)
            return self.context.core.deliveries.resend_own(caller.account_id, event)

        number = await self.auth.call(request, resend)
        return private_json({"event_id": event_id, "deliveries": number})


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of the caller's records."""
    routes = RecordRoutes(context)
    table.add(
        _DOCS, "GET", "/v1/me/ledger", routes.ledger, "listMyLedger", OwnLedgerPage, 400,
        query=CursorQuery,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", "/v1/me/usage", routes.usage, "retrieveMyUsage", UsagePage, 400,
        query=UsageQuery,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", _DELIVERIES, routes.deliveries, "listMyDeliveries", OwnDeliveryPage, 400,
        query=DeliveryQuery,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", "/v1/me/events/{event_id}/resend", routes.resend, "resendMyEvent",
        ResentEvent, 404,
    )  # fmt: skip


def _entry(one: LedgerEntry) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "kind": one.kind.value,
        "credits": one.amount,
        "charged": one.charged,
        "job_id": str(one.job_id) if one.job_id else None,
        "engine": one.engine,
        "upstream": public_upstream(one.upstream),
        "created_at": to_unix(one.created_at),
    }
