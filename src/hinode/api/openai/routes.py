"""The table of the OpenAI dialect's routes, each with what the OpenAPI page says of it."""

from __future__ import annotations

from hinode.api.context import ApiContext
from hinode.api.openai import schemas
from hinode.api.openai.action_route_table import add_actions
from hinode.api.openai.character_routes import CharacterRoutes
from hinode.api.openai.chat.route_table import add_chat
from hinode.api.openai.file_route_table import add_files
from hinode.api.openai.images.route_table import add_images
from hinode.api.openai.models import ModelRoutes
from hinode.api.openai.openapi_docs import DOCS, body_of, header, query_of
from hinode.api.openai.queries import ContentQuery, VideoPageQuery
from hinode.api.openai.video_requests import CreateVideo
from hinode.api.openai.videos import VideoRoutes
from hinode.api.openai.webhook_route_table import add_webhooks
from hinode.api.openai.webhooks import WebhookRoutes
from hinode.api.routing import RouteTable

_IDEMPOTENCY = header("Idempotency-Key", "1 to 255 characters; kept for 24 hours.")
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES = {"video/mp4": _BINARY, "image/webp": _BINARY, "image/jpeg": _BINARY}
_EVENTS = {"text/event-stream": {"schema": {"type": "string"}}}


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve the dialect under ``/v1``."""
    models = ModelRoutes(context)
    # Before the route of one video, whose id it would be.
    table.add(
        DOCS, "GET", "/v1/videos/models", models.videos, "listVideoModels", schemas.VideoModelList
    )
    videos = VideoRoutes(context)
    add_actions(table, videos, CharacterRoutes(context))
    _add_videos(table, videos)
    add_images(table, context)
    add_chat(table, context)
    add_files(table, context)
    table.add(DOCS, "GET", "/v1/models", models.listing, "listModels", schemas.ModelList)
    table.add(
        DOCS,
        "GET",
        "/v1/models/{model_id:path}",
        models.retrieve,
        "retrieveModel",
        schemas.ModelObject,
        404,
    )
    add_webhooks(table, WebhookRoutes(context))


def _add_videos(table: RouteTable, videos: VideoRoutes) -> None:
    one = "/v1/videos/{video_id}"
    table.add(
        DOCS, "POST", "/v1/videos", videos.create, "createVideo", schemas.Video,
        400, 404, 409, 413, 415, 429,
        body=body_of(CreateVideo), parameters=[_IDEMPOTENCY],
    )  # fmt: skip
    table.add(
        DOCS, "GET", "/v1/videos", videos.listing, "listVideos", schemas.VideoList, 400,
        parameters=query_of(VideoPageQuery),
    )  # fmt: skip
    table.add(DOCS, "GET", one, videos.retrieve, "retrieveVideo", schemas.Video, 404)
    table.add(DOCS, "DELETE", one, videos.delete, "deleteVideo", schemas.VideoDeleted, 404)
    table.add(DOCS, "POST", f"{one}/cancel", videos.cancel, "cancelVideo", schemas.Video, 400, 404)
    table.add(DOCS, "GET", f"{one}/events", videos.events, "followVideo", _EVENTS, 404)
    for method, name in (("GET", "downloadVideo"), ("HEAD", "describeVideoFile")):
        table.add(
            DOCS, method, f"{one}/content", videos.content, name, _FILES, 400, 404,
            parameters=query_of(ContentQuery),
        )  # fmt: skip
