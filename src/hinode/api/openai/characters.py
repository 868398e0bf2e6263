"""Characters in the OpenAI dialect: routes, ids, and the field `characters` of video requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from pydantic import PlainValidator, WithJsonSchema
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.input_loader import InputLoader
from hinode.api.json_text import json_response
from hinode.api.openai.action_schemas import CreateCharacter
from hinode.api.parsing import parse
from hinode.api.unread_fields import report_unread
from hinode.api.values import Value, wrong_type
from hinode.core.auth.types import Caller, Scope
from hinode.core.characters.types import Character
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.ids import decode_id, encode_id

PREFIX = "char_"
_FIELD = "characters"


def read_id(text: str, param: str) -> UUID:
    """Parse a character's id. Raises :class:`HinodeError` (not found) for anything else."""
    found = decode_id(PREFIX, text)
    if found is None:
        raise HinodeError(
            ErrorCode.CHARACTER_NOT_FOUND,
            "There is no such character in this account.",
            param=param,
        )
    return found


def character_object(one: Character) -> dict[str, Any]:
    """Return the JSON of a character."""
    return {
        "id": encode_id(PREFIX, one.id),
        "name": one.name,
        "created_at": int(one.created_at.timestamp()),
        "object": "character",
    }


def _parse_ids(value: Value) -> tuple[UUID, ...]:
    if not isinstance(value, list):
        raise wrong_type(_FIELD, "an array of objects with 'id'", value)
    return tuple(map(_parse_id, value))


def _parse_id(item: Value) -> UUID:
    if not isinstance(item, dict):
        raise wrong_type(_FIELD, "an array of objects with 'id'", item)
    value = item.get("id")
    if not isinstance(value, str):
        raise wrong_type(f"{_FIELD}.id", "a string", value)
    return read_id(value, _FIELD)


CharacterIds = Annotated[
    tuple[UUID, ...],
    PlainValidator(_parse_ids),
    WithJsonSchema(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"id": {"type": "string", "description": "Id, `char_…`."}},
                "required": ["id"],
            },
        }
    ),
]
"""The type of the field `characters`: objects with the id of a character each."""


@dataclass(slots=True)
class CharacterRoutes:
    """Handlers of character routes."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.VIDEOS)

    async def create(self, request: Request) -> Response:
        """Create a character from a short video.

        The character appears in videos whose request has its id in `characters`, or whose prompt
        mentions it as `@name`.
        """
        caller = await self.auth.caller(request)
        fields = await read_fields(request, self.context.upload_limit)
        body = report_unread(request, caller, parse(CreateCharacter, fields))
        self.context.core.characters.check_new(body.name, body.consent)
        create = self.context.core.characters.create
        loader = InputLoader(self.context, request, caller)
        async with loader.portrait_of_clip(body.video) as portrait:
            made = await self.context.call(create, caller, body.name, portrait, body.consent)
        return json_response(character_object(made))

    async def retrieve(self, request: Request, character_id: str) -> Response:
        """Retrieve a character."""
        return json_response(
            character_object(await self.auth.call(request, self._get, character_id))
        )

    def _get(self, caller: Caller, character_id: str) -> Character:
        return self.context.core.characters.get(caller, read_id(character_id, "id"))
