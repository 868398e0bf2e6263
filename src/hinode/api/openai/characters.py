"""Characters on the wire: their ids, and how a request for a video names them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import PlainValidator, WithJsonSchema

from hinode.api.values import Value, wrong_type
from hinode.core.characters.types import Character
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.ids import decode_id, encode_id

PREFIX = "char_"
_FIELD = "characters"


def read_id(text: str, param: str) -> UUID:
    """Read a character's id. Raises :class:`HinodeError`: what is no id is nobody's."""
    found = decode_id(PREFIX, text)
    if found is None:
        raise HinodeError(
            ErrorCode.CHARACTER_NOT_FOUND,
            "There is no such character in this account.",
            param=param,
        )
    return found


def character_object(one: Character) -> dict[str, Any]:
    """Return a character: the documented keys in their order, then ours."""
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
                "properties": {"id": {"type": "string"}},
                "required": ["id"],
            },
        }
    ),
]
"""The field of a request that names characters."""
