"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from hinode.api.context import ApiContext
from hinode.api.sora.adding import add
from hinode.api.sora.drafts import queries, wire
from hinode.api.sora.drafts.routes import DraftRoutes

_DRAFTS = "/backend/project_y/profile/drafts"


def add_routes(app: FastAPI, context: ApiContext) -> None:
    """Serve this part of the dialect."""
    routes = DraftRoutes(context)
    for version, suffix in (("", ""), ("V2", "/v2")):
        add(
            app, "GET", f"/backend/nf/pending{suffix}", routes.pending, f"soraPending{version}",
            wire.PendingTasks,
        )  # fmt: skip
        add(
            app, "GET", _DRAFTS + suffix, routes.drafts, f"soraDrafts{version}", wire.DraftList,
            400, parameters=_paging(queries.DRAFTS, "cursor"),
        )  # fmt: skip
    for version, suffix in (("V2", "/v2"), ("", "")):
        one = f"{_DRAFTS}{suffix}/{{generation}}"
        add(app, "GET", one, routes.draft, f"soraDraft{version}", wire.DraftAnswer, 404)
        add(app, "DELETE", one, routes.remove, f"soraDeleteDraft{version}", wire.DraftRemoved, 404)
    review = f"{_DRAFTS}/{{generation}}/read"
    add(app, "POST", review, routes.review, "soraReadDraft", wire.DraftAnswer, 404)
    for path, endpoint, operation in (
        ("/backend/v2/recent_tasks", routes.pictures, "soraRecentTasks"),
        ("/backend/video_gen", routes.tasks, "soraTasks"),
    ):
        add(
            app, "GET", path, endpoint, operation, wire.TaskList, 400,
            parameters=_paging(queries.TASKS, "before"),
        )  # fmt: skip


def _paging(usual: int, edge: str) -> list[dict[str, Any]]:
    limit = {"type": "integer", "minimum": 1, "default": usual}
    return [
        {"name": "limit", "in": "query", "schema": limit},
        {"name": edge, "in": "query", "schema": {"type": "string"}},
    ]
