"""What requests about characters ask for, read from their fields; pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hinode.api.sora.characters.ids import (
    read_asset_pointer,
    require_cameo_id,
    require_character_id,
)
from hinode.api.sora.drafts.ids import require_generation_id
from hinode.api.values import Fields, Upload, Value, integer, missing, text, wrong_type
from hinode.core.characters.types import CharacterChange, NewCharacter, Range, Visibility
from hinode.core.drafts.types import Place
from hinode.core.errors import ErrorCode, HinodeError

DEFAULT_LIMIT, MAX_LIMIT = 20, 100
"""How many characters are listed when a client does not say, and at most."""

_TIMESTAMPS = "timestamps"


@dataclass(frozen=True, slots=True)
class CharacterListQuery:
    """A page of characters; ``before`` is the last one of the page before."""

    limit: int
    before: UUID | None


def read_clip(fields: Fields) -> tuple[bytes, Range]:
    """Read an uploaded clip and the part of it that shows somebody.

    Raises :class:`HinodeError` and :class:`hinode.api.request_errors.RequestError`, as all of
    these.
    """
    value: Value = fields.get("file")
    if value is None or value == "":
        raise missing("file", "Send an MP4 clip that shows the character, as a file.")
    if not isinstance(value, Upload):
        raise wrong_type("file", "a file", value)
    return value.data, _range(fields.get(_TIMESTAMPS))


def read_generation(fields: Fields) -> tuple[Place, Range]:
    """Read which video, and which part of it, shows somebody."""
    name = text(fields, "generation_id")
    if name is None:
        raise missing("generation_id", "It is the id of a draft.")
    return require_generation_id(name), _range(fields.get(_TIMESTAMPS))


def read_new_character(fields: Fields) -> NewCharacter:
    """Read what a cameo is to become."""
    cameo, username = text(fields, "cameo_id"), text(fields, "username")
    if cameo is None:
        raise missing("cameo_id", "It is the answer to the upload of the clip.")
    if username is None:
        raise missing("username", "It is what prompts will call the character by, after an @.")
    return NewCharacter(
        cameo_id=require_cameo_id(cameo),
        username=username,
        name=text(fields, "display_name") or username,
        image=_picture(fields),
        instructions=_instructions(fields, "instruction_set"),
        safety_instructions=_instructions(fields, "safety_instruction_set"),
    )


def read_change(fields: Fields) -> CharacterChange:
    """Read what is to change of a character; what is absent or null stays."""
    return CharacterChange(
        username=text(fields, "username"),
        name=text(fields, "display_name"),
        image=_picture(fields),
        visibility=_visibility(fields),
        instructions=_instructions(fields, "instruction_set"),
        safety_instructions=_instructions(fields, "safety_instruction_set"),
    )


def read_list_query(query: Mapping[str, str]) -> CharacterListQuery:
    """Read ``limit`` and ``cursor``; a limit above ``MAX_LIMIT`` means ``MAX_LIMIT``."""
    limit = integer(query, "limit")
    limit = DEFAULT_LIMIT if limit is None else limit
    if limit < 1:
        raise _invalid(
            "limit", f"'limit' is 1 or more, not {limit}; pages have {MAX_LIMIT} at most."
        )
    cursor = query.get("cursor") or None
    try:
        before = require_character_id(cursor) if cursor else None
    except HinodeError:
        raise _invalid("cursor", "'cursor' is the 'cursor' of the page before.") from None
    return CharacterListQuery(min(limit, MAX_LIMIT), before)


def _range(value: Value) -> Range:
    """Read ``"0,3"`` or ``[0, 3]``: seconds."""
    if value is None or value == "":
        raise missing(_TIMESTAMPS, "Say which seconds show the character, like 0,3.")
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or len(parts) != 2:
        raise _invalid_timestamps()
    begin, end = map(_seconds, parts)
    return Range(begin, end)


def _seconds(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _invalid_timestamps()
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise _invalid_timestamps() from None


def _invalid_timestamps() -> HinodeError:
    return _invalid(
        _TIMESTAMPS, "'timestamps' are two numbers of seconds, a start and an end, like 0,3."
    )


def _picture(fields: Fields) -> UUID | None:
    name = "profile_asset_pointer"
    pointer = text(fields, name)
    if pointer is None:
        return None
    found = read_asset_pointer(pointer)
    if found is None:
        raise HinodeError(
            ErrorCode.FILE_NOT_FOUND,
            "There is no such file in this account.",
            param=name,
            hint="Send the asset_pointer of an upload; without one the cameo's own picture stays.",
        )
    return found


def _visibility(fields: Fields) -> Visibility | None:
    value = text(fields, "visibility")
    if value is None:
        return None
    try:
        return Visibility(value)
    except ValueError:
        raise _invalid("visibility", "'visibility' is public or private.") from None


def _instructions(fields: Fields, name: str) -> str | None:
    """Read a text, or the object with a list of texts that the app sends."""
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value
    items = value.get("value") if isinstance(value, dict) else None
    if isinstance(items, str):
        return items
    if not isinstance(items, list):
        raise wrong_type(name, "a string or an object with a list 'value'", value)
    return "\n".join(_text_item(item, name) for item in items)


def _text_item(item: Value, name: str) -> str:
    found = item.get("value") if isinstance(item, dict) else item
    if not isinstance(found, str):
        raise wrong_type(f"{name}.value", "a list of objects with a text 'value'", item)
    return found


def _invalid(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
