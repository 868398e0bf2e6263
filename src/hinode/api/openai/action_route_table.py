"""The table of the routes of remixes, edits, extensions and characters."""

from __future__ import annotations

from typing import Any

from hinode.api.openai import action_schemas as shapes
from hinode.api.openai.character_routes import CharacterRoutes
from hinode.api.openai.openapi_docs import DOCS, body_of, form_of, header
from hinode.api.openai.schemas import Video
from hinode.api.openai.video_requests import EditVideo, ExtendVideo, RemixVideo
from hinode.api.openai.videos import VideoRoutes
from hinode.api.routing import RouteTable

_IDEMPOTENCY = header("Idempotency-Key", "1 to 255 characters; kept for 24 hours.")
_SOURCE = {"id": "video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"}


def add_actions(table: RouteTable, actions: VideoRoutes, characters: CharacterRoutes) -> None:
    """Serve them; their fixed paths go before the routes of one video, whose id they would be."""
    wrong = (400, 404, 409, 413, 415, 429)
    table.add(
        DOCS,
        "POST", "/v1/videos/edits", actions.edit, "editVideo", Video, *wrong,
        body=body_of(EditVideo, _EDIT),
        parameters=[_IDEMPOTENCY],
    )  # fmt: skip
    table.add(
        DOCS,
        "POST", "/v1/videos/extensions", actions.extend, "extendVideo", Video, *wrong,
        body=body_of(ExtendVideo, _EXTEND),
        parameters=[_IDEMPOTENCY],
    )  # fmt: skip
    table.add(
        DOCS,
        "POST", "/v1/videos/characters", characters.create, "createCharacter",
        shapes.CharacterObject, 400, 413, 415, body=form_of(shapes.CreateCharacter),
    )  # fmt: skip
    table.add(
        DOCS,
        "GET", "/v1/videos/characters/{character_id}", characters.retrieve, "retrieveCharacter",
        shapes.CharacterObject, 404,
    )  # fmt: skip
    table.add(
        DOCS,
        "POST", "/v1/videos/{video_id}/remix", actions.remix, "remixVideo", Video, *wrong,
        body=body_of(RemixVideo, _REMIX),
        parameters=[_IDEMPOTENCY],
    )  # fmt: skip


def _example(summary: str, **value: Any) -> dict[str, Any]:
    return {"example": {"summary": summary, "value": value}}


_EDIT = _example("Change a video", prompt="At night, in the rain", video=_SOURCE)
_EXTEND = _example("Go on", prompt="The fox finds its den", seconds="8", video=_SOURCE)
_REMIX = _example("Remix", prompt="Add a small dog", model="sora-2")
