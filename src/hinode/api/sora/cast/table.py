"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from typing import Any

from hinode.api.context import ApiContext
from hinode.api.routing import RouteTable
from hinode.api.sora.adding import DOCS
from hinode.api.sora.cast import wire
from hinode.api.sora.cast.asked import MOST, USUAL
from hinode.api.sora.cast.routes import CastRoutes

_CHARACTERS = "/backend/characters"
_ONE = "/backend/project_y/characters/{character}"
_PAGING = [
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    },
    {"name": "cursor", "in": "query", "schema": {"type": "string"}},
]
_TEXT, _MAYBE = {"type": "string"}, {"type": ["string", "null"]}
_SET = {"type": ["object", "string", "null"]}
_SETTINGS = {
    "visibility": {"type": ["string", "null"], "enum": ["public", "private", None]},
    "instruction_set": _SET,
    "safety_instruction_set": _SET,
}
_NAMING = {"username": _MAYBE, "display_name": _MAYBE, "profile_asset_pointer": _MAYBE}


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve this part of the dialect."""
    routes = CastRoutes(context)
    table.add(
        DOCS, "POST", f"{_CHARACTERS}/upload", routes.upload, "soraUploadCharacter",
        wire.CameoMade, 400, 429,
        body=_body(
            {"file": {"type": "string", "format": "binary"}, "timestamps": _TEXT},
            "file", "timestamps", kind="multipart/form-data",
        ),
    )  # fmt: skip
    table.add(
        DOCS, "POST", f"{_CHARACTERS}/from-generation", routes.from_generation,
        "soraCharacterFromGeneration", wire.CameoMade, 400, 404, 429,
        body=_body(
            {
                "generation_id": _TEXT,
                "character_id": _MAYBE,
                "timestamps": {"type": "array", "items": {"type": "number"}},
            },
            "generation_id", "timestamps",
        ),
    )  # fmt: skip
    table.add(
        DOCS, "GET", "/backend/project_y/cameos/in_progress/{cameo}", routes.progress,
        "soraCameo", wire.CameoProgress, 404,
    )  # fmt: skip
    table.add(
        DOCS, "POST", f"{_CHARACTERS}/finalize", routes.finalize, "soraFinalizeCharacter",
        wire.CharacterMade, 400, 404,
        body=_body(
            {
                "cameo_id": _TEXT,
                **_NAMING,
                "username": _TEXT,
                "instruction_set": _SET,
                "safety_instruction_set": _SET,
            },
            "cameo_id", "username",
        ),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/backend/project_y/cameos/by_id/{character}/update_v2", routes.change,
        "soraUpdateCameo", wire.CharacterProfile, 400, 404, body=_body(_SETTINGS),
    )  # fmt: skip
    table.add(
        DOCS, "POST", f"{_ONE}/update", routes.change, "soraUpdateCharacter",
        wire.CharacterProfile, 400, 404, body=_body({**_NAMING, **_SETTINGS}),
    )  # fmt: skip
    table.add(DOCS, "GET", _ONE, routes.retrieve, "soraCharacter", wire.CharacterProfile, 404)
    table.add(
        DOCS, "DELETE", _ONE, routes.remove, "soraDeleteCharacter", wire.CharacterRemoved, 404
    )
    table.add(
        DOCS, "GET", "/backend/project_y/profile/{user}/characters", routes.listing,
        "soraCharacters", wire.CharacterList, 400, 404, parameters=_PAGING,
    )  # fmt: skip


def _body(
    properties: dict[str, Any], *required: str, kind: str = "application/json"
) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"required": True, "content": {kind: {"schema": schema}}}
