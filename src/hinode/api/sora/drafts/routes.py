"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from typing import Any

from hinode.api.context import ApiContext
from hinode.api.routing import RouteTable
from hinode.api.sora.drafts import queries, schemas
from hinode.api.sora.drafts.endpoints import SoraDraftEndpoints
from hinode.api.sora.openapi import DOCS

_DRAFTS = "/backend/project_y/profile/drafts"


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve this part of the dialect."""
    routes = SoraDraftEndpoints(context)
    for version, suffix in (("", ""), ("V2", "/v2")):
        table.add(
            DOCS, "GET", f"/backend/nf/pending{suffix}", routes.pending, f"soraPending{version}",
            schemas.PendingTasks,
        )  # fmt: skip
        table.add(
            DOCS, "GET", _DRAFTS + suffix, routes.drafts, f"soraDrafts{version}", schemas.DraftList,
            400, parameters=_paging(queries.DEFAULT_DRAFT_LIMIT, "cursor"),
        )  # fmt: skip
    for version, suffix in (("V2", "/v2"), ("", "")):
        one = f"{_DRAFTS}{suffix}/{{generation}}"
        table.add(DOCS, "GET", one, routes.draft, f"soraDraft{version}", schemas.DraftResponse, 404)
        table.add(
            DOCS,
            "DELETE",
            one,
            routes.remove,
            f"soraDeleteDraft{version}",
            schemas.DraftDeleted,
            404,
        )
    review = f"{_DRAFTS}/{{generation}}/read"
    table.add(DOCS, "POST", review, routes.review, "soraReadDraft", schemas.DraftResponse, 404)
    for path, endpoint, operation in (
        ("/backend/v2/recent_tasks", routes.recent_images, "soraRecentTasks"),
        ("/backend/video_gen", routes.tasks, "soraTasks"),
    ):
        table.add(
            DOCS, "GET", path, endpoint, operation, schemas.TaskList, 400,
            parameters=_paging(queries.DEFAULT_TASK_LIMIT, "before"),
        )  # fmt: skip


def _paging(default: int, cursor_param: str) -> list[dict[str, Any]]:
    limit = {"type": "integer", "minimum": 1, "default": default}
    return [
        {"name": "limit", "in": "query", "schema": limit},
        {"name": cursor_param, "in": "query", "schema": {"type": "string"}},
    ]
