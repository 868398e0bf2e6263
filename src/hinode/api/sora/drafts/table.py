"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from typing import Any

from hinode.api.context import ApiContext
from hinode.api.routing import RouteTable
from hinode.api.sora.adding import DOCS
from hinode.api.sora.drafts import queries, wire
from hinode.api.sora.drafts.routes import DraftRoutes

_DRAFTS = "/backend/project_y/profile/drafts"


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve this part of the dialect."""
    routes = DraftRoutes(context)
    for version, suffix in (("", ""), ("V2", "/v2")):
        table.add(
            DOCS, "GET", f"/backend/nf/pending{suffix}", routes.pending, f"soraPending{version}",
            wire.PendingTasks,
        )  # fmt: skip
        table.add(
            DOCS, "GET", _DRAFTS + suffix, routes.drafts, f"soraDrafts{version}", wire.DraftList,
            400, parameters=_paging(queries.DRAFTS, "cursor"),
        )  # fmt: skip
    for version, suffix in (("V2", "/v2"), ("", "")):
        one = f"{_DRAFTS}{suffix}/{{generation}}"
        table.add(DOCS, "GET", one, routes.draft, f"soraDraft{version}", wire.DraftAnswer, 404)
        table.add(
            DOCS, "DELETE", one, routes.remove, f"soraDeleteDraft{version}", wire.DraftRemoved, 404
        )
    review = f"{_DRAFTS}/{{generation}}/read"
    table.add(DOCS, "POST", review, routes.review, "soraReadDraft", wire.DraftAnswer, 404)
    for path, endpoint, operation in (
        ("/backend/v2/recent_tasks", routes.pictures, "soraRecentTasks"),
        ("/backend/video_gen", routes.tasks, "soraTasks"),
    ):
        table.add(
            DOCS, "GET", path, endpoint, operation, wire.TaskList, 400,
            parameters=_paging(queries.TASKS, "before"),
        )  # fmt: skip


def _paging(usual: int, edge: str) -> list[dict[str, Any]]:
    limit = {"type": "integer", "minimum": 1, "default": usual}
    return [
        {"name": "limit", "in": "query", "schema": limit},
        {"name": edge, "in": "query", "schema": {"type": "string"}},
    ]
