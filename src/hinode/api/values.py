"""Reading typed values out of a request's fields, wherever they came from.

Forms know only texts, JSON has types, and clients send ``"4"`` and ``4`` for the same thing: what
means the same is read the same, what cannot be meant is refused by name and rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.core.errors import ErrorCode, HinodeError


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a form, and the client's name for it, which proves nothing.

    What the client says of its type is not kept.
    """

    data: bytes
    name: str = ""


Value: TypeAlias = "str | int | float | bool | Upload | list[Value] | dict[str, Value] | None"
Fields: TypeAlias = Mapping[str, Value]

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_MAX_INTEGER = 10**18
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a decimal number"),
    (str, "a string"),
    (Upload, "a file"),
    (list, "an array"),
    (dict, "an object"),
)


def text(fields: Fields, name: str) -> str | None:
    """Read a text; absent, null and empty are None. Raises :class:`RequestError`."""
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value or None
    raise wrong_type(name, "a string", value)


def number_text(fields: Fields, name: str) -> str | None:
    """Read a number or a text as text, for values that have units. Raises :class:`RequestError`."""
    value = fields.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if value is None or isinstance(value, str):
        return value or None
    raise wrong_type(name, "a string", value)


def integer(fields: Fields, name: str) -> int | None:
    """Read an integer or a text that spells one.

    Raises :class:`RequestError`, and :class:`HinodeError` for what no integer here can be.
    """
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value.strip()):
            raise _no_integer(name, value)
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type(name, "an integer", value)
    if abs(value) >= _MAX_INTEGER:
        raise _no_integer(name, "such a large number")
    return value


def boolean(fields: Fields, name: str) -> bool | None:
    """Read a boolean, or ``true``, ``false``, ``1`` or ``0`` as text. Raises like `integer`."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise wrong_type(name, "a boolean", value)
    found = _BOOLEANS.get(value.strip().lower())
    if found is None:
        raise HinodeError(
            ErrorCode.INVALID_VALUE, f"'{name}' is true or false, not '{value[:40]}'.", param=name
        )
    return found


def missing(name: str, hint: str) -> HinodeError:
    """Return the refusal of a request that lacks a field it must have."""
    return HinodeError(
        ErrorCode.MISSING_VALUE, f"Missing required parameter: '{name}'.", param=name, hint=hint
    )


def wrong_type(name: str, expected: str, value: Value) -> RequestError:
    """Return the refusal of a value by its type, in the words that OpenAI uses."""
    kind = next((words for kind, words in _KINDS if isinstance(value, kind)), "null")
    return RequestError(
        RequestErrorCode.WRONG_TYPE,
        f"Invalid type for '{name}': expected {expected}, but got {kind} instead.",
        param=name,
    )


def _no_integer(name: str, shown: str) -> HinodeError:
    return HinodeError(
        ErrorCode.INVALID_VALUE, f"'{name}' is a whole number, not '{shown[:40]}'.", param=name
    )
