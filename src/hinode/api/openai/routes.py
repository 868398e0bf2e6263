"""The table of the OpenAI dialect's routes, each with what the OpenAPI page says of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.direct import Endpoint
from hinode.api.openai import wire
from hinode.api.openai.action_table import add_actions
from hinode.api.openai.chat.table import add_chat
from hinode.api.openai.document import body_of, failures, header, query
from hinode.api.openai.files_table import add_files
from hinode.api.openai.images.table import add_images
from hinode.api.openai.models import ModelRoutes
from hinode.api.openai.queries import VARIANTS
from hinode.api.openai.videos import VideoRoutes
from hinode.api.openai.webhook_routes import add_webhooks
from hinode.api.openai.webhooks import WebhookRoutes

_LIST_QUERY = [
    query("limit", {"type": "integer", "minimum": 0, "maximum": 100, "default": 20}),
    query("order", {"type": "string", "enum": ["asc", "desc"], "default": "desc"}),
    query("after", {"type": "string"}, "The last video of the page before."),
]
_CONTENT_QUERY = [
    query("variant", {"type": "string", "enum": list(VARIANTS), "default": "video"}),
    query("index", {"type": "integer", "minimum": 0, "maximum": 99}, "Ours: which output."),
]
_IDEMPOTENCY = header("Idempotency-Key", "1 to 255 characters; kept for 24 hours.")
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES = {"video/mp4": _BINARY, "image/webp": _BINARY, "image/jpeg": _BINARY}
_EVENTS = {"text/event-stream": {"schema": {"type": "string"}}}


def add_routes(app: FastAPI, context: ApiContext) -> None:
    """Serve the dialect under ``/v1``."""
    models = ModelRoutes(context)
    # Before the route of one video, whose id it would be.
    _add(app, "GET", "/videos/models", models.videos, "listVideoModels", wire.VideoModelList)
    add_actions(partial(_add, app), context)
    _add_videos(app, VideoRoutes(context))
    add_images(partial(_add, app), context)
    add_chat(partial(_add, app), context)
    add_files(partial(_add, app), context)
    _add(app, "GET", "/models", models.listing, "listModels", wire.ModelList)
    _add(app, "GET", "/models/{model_id:path}", models.retrieve, "retrieveModel", wire.Model, 404)
    add_webhooks(partial(_add, app), WebhookRoutes(context))


def _add_videos(app: FastAPI, videos: VideoRoutes) -> None:
    one = "/videos/{video_id}"
    _add(
        app, "POST", "/videos", videos.create, "createVideo", wire.Video,
        400, 404, 409, 413, 415, 429,
        requestBody=body_of(wire.CreateVideoForm, wire.CreateVideoJson), parameters=[_IDEMPOTENCY],
    )  # fmt: skip
    _add(
        app, "GET", "/videos", videos.listing, "listVideos", wire.VideoList, 400,
        parameters=_LIST_QUERY,
    )  # fmt: skip
    _add(app, "GET", one, videos.retrieve, "retrieveVideo", wire.Video, 404)
    _add(app, "DELETE", one, videos.delete, "deleteVideo", wire.VideoDeleted, 404)
    _add(app, "POST", f"{one}/cancel", videos.cancel, "cancelVideo", wire.Video, 400, 404)
    _add(app, "GET", f"{one}/events", videos.events, "followVideo", _EVENTS, 404)
    for method, name in (("GET", "downloadVideo"), ("HEAD", "describeVideoFile")):
        _add(
            app, method, f"{one}/content", videos.content, name, _FILES, 400, 404,
            parameters=_CONTENT_QUERY,
        )  # fmt: skip


def _add(
    app: FastAPI,
    method: str,
    path: str,
    endpoint: Endpoint,
    operation: str,
    answer: type[wire.Shape] | dict[str, Any],
    *statuses: int,
    **extra: Any,
) -> None:
    success = {"content": answer} if isinstance(answer, dict) else {"model": answer}
    app.add_api_route(
        f"/v1{path}",
        endpoint,
        methods=[method],
        operation_id=operation,
        tags=["OpenAI dialect"],
        response_model=None,
        response_class=Response,
        responses={200: success, **failures(401, 403, *statuses, 500)},
        openapi_extra={"security": [{"key": []}], **extra},
    )
