"""The routes of the OpenAI dialect and their documentation."""

from __future__ import annotations

from hinode.api.context import ApiContext
from hinode.api.openai import action_schemas as shapes
from hinode.api.openai import schemas
from hinode.api.openai.batches import add_batches
from hinode.api.openai.characters import CharacterRoutes
from hinode.api.openai.chat.routes import add_chat
from hinode.api.openai.estimates import add_estimate
from hinode.api.openai.files import add_files
from hinode.api.openai.generations import add_generations
from hinode.api.openai.images.routes import add_images
from hinode.api.openai.models import ModelRoutes
from hinode.api.openai.openapi_docs import DOCS
from hinode.api.openai.queries import ContentQuery, VideoPageQuery
from hinode.api.openai.schemas import Video
from hinode.api.openai.video_requests import CreateVideo, EditVideo, ExtendVideo, RemixVideo
from hinode.api.openai.videos import VideoRoutes
from hinode.api.openai.webhooks import WebhookRoutes, add_webhooks
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import BINARY, IDEMPOTENCY_KEY, any_body, form_body

_VIDEOS, _MODELS = DOCS.of("videos"), DOCS.of("models")
_FILES = {"video/mp4": BINARY, "image/webp": BINARY, "image/jpeg": BINARY}
_EVENTS = {"text/event-stream": {"schema": {"type": "string"}}}


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of the dialect, below ``/v1``."""
    models = ModelRoutes(context)
    # Before `/v1/videos/{video_id}`, which would match as well.
    table.add(
        _MODELS,
        "GET",
        "/v1/videos/models",
        models.videos,
        "listVideoModels",
        schemas.VideoModelList,
    )
    add_estimate(table, context)
    videos = VideoRoutes(context)
    _add_actions(table, videos, CharacterRoutes(context))
    _add_videos(table, videos)
    add_generations(table, videos)
    add_images(table, context)
    add_chat(table, context)
    add_files(table, context)
    add_batches(table, context)
    table.add(_MODELS, "GET", "/v1/models", models.listing, "listModels", schemas.ModelList)
    table.add(
        _MODELS,
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
        _VIDEOS, "POST", "/v1/videos", videos.create, "createVideo", schemas.Video,
        400, 404, 409, 413, 415, 429,
        body=any_body(CreateVideo), parameters=[IDEMPOTENCY_KEY],
    )  # fmt: skip
    table.add(
        _VIDEOS, "GET", "/v1/videos", videos.listing, "listVideos", schemas.VideoList, 400,
        query=VideoPageQuery,
    )  # fmt: skip
    table.add(_VIDEOS, "GET", one, videos.retrieve, "retrieveVideo", schemas.Video, 404)
    table.add(_VIDEOS, "DELETE", one, videos.delete, "deleteVideo", schemas.VideoDeleted, 404)
    table.add(
        _VIDEOS, "POST", f"{one}/cancel", videos.cancel, "cancelVideo", schemas.Video, 400, 404
    )
    table.add(_VIDEOS, "GET", f"{one}/events", videos.events, "followVideo", _EVENTS, 404)
    for method, name in (("GET", "downloadVideo"), ("HEAD", "describeVideoFile")):
        table.add(
            _VIDEOS, method, f"{one}/content", videos.content, name, _FILES, 400, 404,
            query=ContentQuery,
        )  # fmt: skip


def _add_actions(table: RouteTable, actions: VideoRoutes, characters: CharacterRoutes) -> None:
    """Add edits, extensions, remixes and characters, before `/v1/videos/{video_id}`."""
    wrong = (400, 404, 409, 413, 415, 429)
    table.add(
        _VIDEOS,
        "POST", "/v1/videos/edits", actions.edit, "editVideo", Video, *wrong,
        body=any_body(EditVideo),
        parameters=[IDEMPOTENCY_KEY],
    )  # fmt: skip
    table.add(
        _VIDEOS,
        "POST", "/v1/videos/extensions", actions.extend, "extendVideo", Video, *wrong,
        body=any_body(ExtendVideo),
        parameters=[IDEMPOTENCY_KEY],
    )  # fmt: skip
    table.add(
        _VIDEOS,
        "POST", "/v1/videos/characters", characters.create, "createCharacter",
        shapes.CharacterObject, 400, 413, 415, body=form_body(shapes.CreateCharacter),
    )  # fmt: skip
    table.add(
        _VIDEOS,
        "GET", "/v1/videos/characters/{character_id}", characters.retrieve, "retrieveCharacter",
        shapes.CharacterObject, 404,
    )  # fmt: skip
    table.add(
        _VIDEOS,
        "POST", "/v1/videos/{video_id}/remix", actions.remix, "remixVideo", Video, *wrong,
        body=any_body(RemixVideo),
        parameters=[IDEMPOTENCY_KEY],
    )  # fmt: skip
