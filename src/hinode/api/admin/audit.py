"""The audit log in the admin API."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema
from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorPage, CursorQuery, parse_uuid, render_page
from hinode.api.json_text import json_response
from hinode.api.parsing import Nullable, parse
from hinode.api.routing import RouteTable
from hinode.api.unix_times import to_unix
from hinode.core.audit.service import AuditEntry, AuditFilter
from hinode.core.pagination import Page

_DOCS = DOCS.of("reports")


class ListAudit(CursorQuery):
    """Query of the audit log."""

    account: Nullable[str] = Field(
        default=None, description="Return only what the account with this name did."
    )
    q: Nullable[str] = Field(default=None, description="A part of the action or the subject.")


class AuditRecord(AdminSchema):
    """An act of an operator."""

    id: str = Field(description="Id of the entry (UUID).")
    at: int = Field(description="Time in Unix seconds.")
    source: Literal["api", "command"] = Field(
        description="`command`: `hinode …` on a server's machine, which belongs to no account."
    )
    account: str | None = Field(
        description="Name of the operator's account; null for a command, and if it has gone."
    )
    key_id: str | None = Field(description="Id of the API key; null for a session of the web app.")
    address: str | None = Field(description="Address of the client, or null.")
    action: str = Field(
        description="Method and path of the call, or the command.",
        examples=["PATCH /v1/admin/accounts/{name}"],
    )
    subject: str = Field(
        description="What it was done to: the values in the path or the arguments."
    )
    details: dict[str, Any] = Field(description="Fields of the call; secrets are `***`.")


class AuditPage(CursorPage[AuditRecord]):
    """A page of the audit log, newest first; see `has_more` and `next_cursor` with a filter."""


class AdminAuditRoutes(AdminRoutes):
    """Handler of the audit log."""

    async def listing(self, request: Request) -> Response:
        """List what operators did over the admin API and by commands, newest first.

        Each entry was written in the transaction of its act, and none is ever changed. With a
        filter a page looks through some entries at most; it can be short, or empty, while
        `has_more` is true.
        """

        def page() -> Page[AuditEntry]:
            query = parse(ListAudit, request.query_params)
            chosen = AuditFilter(query.account, query.q)
            return self.context.core.audit.page(chosen, query.page(parse_uuid))

        found = await self.call(request, page)
        return json_response(render_page(found, _record))


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the route of the audit log."""
    table.add(
        _DOCS, "GET", "/v1/admin/audit", AdminAuditRoutes(context).listing, "adminListAudit",
        AuditPage, 400, 404, query=ListAudit,
    )  # fmt: skip


def _record(one: AuditEntry) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "at": to_unix(one.at),
        "source": "command" if one.by_command else "api",
        "account": one.actor,
        "key_id": str(one.key_id) if one.key_id else None,
        "address": one.address,
        "action": one.action,
        "subject": one.subject,
        "details": one.details,
    }
