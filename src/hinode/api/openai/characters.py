"""Characters on the wire: their ids, and how a request for a video names them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hinode.api.values import Fields, Value, wrong_type
from hinode.core.characters.types import Character
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.ids import spell, unspell

PREFIX = "char_"
_FIELD = "characters"


def read_characters(fields: Fields) -> tuple[UUID, ...]:
    """Read ``characters``, a list of objects with an ``id``; absent is none of them.

    Raises :class:`hinode.api.request_errors.RequestError` and :class:`HinodeError`.
    """
    value = fields.get(_FIELD)
    if value is None or value == "":
        return ()
    if not isinstance(value, list):
        raise wrong_type(_FIELD, "an array of objects with 'id'", value)
    return tuple(_one(item) for item in value)


def read_id(text: str, param: str) -> UUID:
    """Read a character's id. Raises :class:`HinodeError`: what is no id is nobody's."""
    found = unspell(PREFIX, text)
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
        "id": spell(PREFIX, one.id),
        "name": one.name,
        "created_at": int(one.created_at.timestamp()),
        "object": "character",
    }


def _one(item: Value) -> UUID:
    if not isinstance(item, dict):
        raise wrong_type(_FIELD, "an array of objects with 'id'", item)
    value = item.get("id")
    if not isinstance(value, str):
        raise wrong_type(f"{_FIELD}.id", "a string", value)
    return read_id(value, _FIELD)
