"""The table of the routes of remixes, edits, extensions and characters."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from hinode.api.bodies import MULTIPART
from hinode.api.context import ApiContext
from hinode.api.openai import action_schemas as shapes
from hinode.api.openai.action_routes import ActionRoutes
from hinode.api.openai.character_routes import CharacterRoutes
from hinode.api.openai.openapi_docs import DOCS, body_of, header
from hinode.api.openai.schemas import Video
from hinode.api.routing import RouteTable

_IDEMPOTENCY = header("Idempotency-Key", "1 to 255 characters; kept for 24 hours.")
_SOURCE = {"id": "video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"}


def add_actions(table: RouteTable, context: ApiContext) -> None:
    """Serve them; their fixed paths go before the routes of one video, whose id they would be."""
    actions, characters = ActionRoutes(context), CharacterRoutes(context)
    wrong = (400, 404, 409, 413, 415, 429)
    table.add(
        DOCS,
        "POST", "/v1/videos/edits", actions.edit, "editVideo", Video, *wrong,
        body=body_of(shapes.EditVideoForm, shapes.EditVideoJson, _EDIT),
        parameters=[_IDEMPOTENCY],
    )  # fmt: skip
    table.add(
        DOCS,
        "POST", "/v1/videos/extensions", actions.extend, "extendVideo", Video, *wrong,
        body=body_of(shapes.ExtendVideoForm, shapes.ExtendVideoJson, _EXTEND),
        parameters=[_IDEMPOTENCY],
    )  # fmt: skip
    table.add(
        DOCS,
        "POST", "/v1/videos/characters", characters.create, "createCharacter", shapes.Character,
        400, 413, 415, body=_form_of(shapes.CreateCharacter),
    )  # fmt: skip
    table.add(
        DOCS,
        "GET", "/v1/videos/characters/{character_id}", characters.retrieve, "retrieveCharacter",
        shapes.Character, 404,
    )  # fmt: skip
    table.add(
        DOCS,
        "POST", "/v1/videos/{video_id}/remix", actions.remix, "remixVideo", Video, *wrong,
        body=body_of(shapes.RemixVideo, shapes.RemixVideo, _REMIX),
        parameters=[_IDEMPOTENCY],
    )  # fmt: skip


def _form_of(shape: type[BaseModel]) -> dict[str, Any]:
    """Describe a body with a file that is no job's source, so that only a form can carry it."""
    content = body_of(shape, shape, {})["content"]
    return {"required": True, "content": {MULTIPART: content[MULTIPART]}}


def _example(summary: str, **value: Any) -> dict[str, Any]:
    return {"example": {"summary": summary, "value": value}}


_EDIT = _example("Change a video", prompt="At night, in the rain", video=_SOURCE)
_EXTEND = _example("Go on", prompt="The fox finds its den", seconds="8", video=_SOURCE)
_REMIX = _example("Remix", prompt="Add a small dog", model="sora-2")
