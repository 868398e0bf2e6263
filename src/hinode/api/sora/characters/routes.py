"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from typing import Any

from hinode.api.context import ApiContext
from hinode.api.routing import RouteTable
from hinode.api.sora.characters import schemas
from hinode.api.sora.characters.endpoints import SoraCharacterEndpoints
from hinode.api.sora.characters.requests import DEFAULT_LIMIT, MAX_LIMIT
from hinode.api.sora.openapi import DOCS

_CHARACTERS_PATH = "/backend/characters"
_CHARACTER_PATH = "/backend/project_y/characters/{character}"
_PAGING = [
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    },
    {"name": "cursor", "in": "query", "schema": {"type": "string"}},
]
_TEXT, _NULLABLE_TEXT = {"type": "string"}, {"type": ["string", "null"]}
_INSTRUCTION_SET = {"type": ["object", "string", "null"]}
_SETTINGS = {
    "visibility": {"type": ["string", "null"], "enum": ["public", "private", None]},
    "instruction_set": _INSTRUCTION_SET,
    "safety_instruction_set": _INSTRUCTION_SET,
}
_PROFILE_PROPERTIES = {
    "username": _NULLABLE_TEXT,
    "display_name": _NULLABLE_TEXT,
    "profile_asset_pointer": _NULLABLE_TEXT,
}


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve this part of the dialect."""
    routes = SoraCharacterEndpoints(context)
    table.add(
        DOCS, "POST", f"{_CHARACTERS_PATH}/upload", routes.upload, "soraUploadCharacter",
        schemas.CameoCreated, 400, 429,
        body=_body(
            {"file": {"type": "string", "format": "binary"}, "timestamps": _TEXT},
            "file", "timestamps", kind="multipart/form-data",
        ),
    )  # fmt: skip
    table.add(
        DOCS, "POST", f"{_CHARACTERS_PATH}/from-generation", routes.from_generation,
        "soraCharacterFromGeneration", schemas.CameoCreated, 400, 404, 429,
        body=_body(
            {
                "generation_id": _TEXT,
                "character_id": _NULLABLE_TEXT,
                "timestamps": {"type": "array", "items": {"type": "number"}},
            },
            "generation_id", "timestamps",
        ),
    )  # fmt: skip
    table.add(
        DOCS, "GET", "/backend/project_y/cameos/in_progress/{cameo}", routes.progress,
        "soraCameo", schemas.CameoProgressObject, 404,
    )  # fmt: skip
    table.add(
        DOCS, "POST", f"{_CHARACTERS_PATH}/finalize", routes.finalize, "soraFinalizeCharacter",
        schemas.CharacterCreated, 400, 404,
        body=_body(
            {
                "cameo_id": _TEXT,
                **_PROFILE_PROPERTIES,
                "username": _TEXT,
                "instruction_set": _INSTRUCTION_SET,
                "safety_instruction_set": _INSTRUCTION_SET,
            },
            "cameo_id", "username",
        ),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/backend/project_y/cameos/by_id/{character}/update_v2", routes.change,
        "soraUpdateCameo", schemas.CharacterProfile, 400, 404, body=_body(_SETTINGS),
    )  # fmt: skip
    table.add(
        DOCS, "POST", f"{_CHARACTER_PATH}/update", routes.change, "soraUpdateCharacter",
        schemas.CharacterProfile, 400, 404, body=_body({**_PROFILE_PROPERTIES, **_SETTINGS}),
    )  # fmt: skip
    table.add(
        DOCS,
        "GET",
        _CHARACTER_PATH,
        routes.retrieve,
        "soraCharacter",
        schemas.CharacterProfile,
        404,
    )
    table.add(
        DOCS,
        "DELETE",
        _CHARACTER_PATH,
        routes.remove,
        "soraDeleteCharacter",
        schemas.CharacterDeleted,
        404,
    )
    table.add(
        DOCS, "GET", "/backend/project_y/profile/{user}/characters", routes.list_characters,
        "soraCharacters", schemas.CharacterList, 400, 404, parameters=_PAGING,
    )  # fmt: skip


def _body(
    properties: dict[str, Any], *required: str, kind: str = "application/json"
) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"required": True, "content": {kind: {"schema": schema}}}
