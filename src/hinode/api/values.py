"""Field values of a request before they are parsed, and errors about fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.spool import Spooled


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a form; ``name`` is the client's file name, not trusted.

    The client's content type is dropped: files are identified by their content.
    """

    content: Spooled
    name: str = ""


Value: TypeAlias = "str | int | float | bool | Upload | list[Value] | dict[str, Value] | None"
Fields: TypeAlias = Mapping[str, Value]

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a decimal number"),
    (str, "a string"),
    (Upload, "a file"),
    (list, "an array"),
    (dict, "an object"),
)


def is_empty(value: Value) -> bool:
    """Return whether a value asks for nothing, as ``null`` or an empty text does."""
    return value is None or value in ("", [], {})


def text(fields: Fields, name: str) -> str | None:
    """Return a string field, None if absent, null or empty. Raises :class:`RequestError`."""
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value or None
    raise wrong_type(name, "a string", value)


def missing(name: str, hint: str) -> HinodeError:
    """Return the error for a missing field; ``hint`` says what to send."""
    return HinodeError(
        ErrorCode.MISSING_VALUE, f"Missing required parameter: '{name}'.", param=name, hint=hint
    )


def wrong_type(name: str, expected: str, value: Value) -> RequestError:
    """Return the error for a value of a wrong type, worded as OpenAI's API words it."""
    kind = next((words for kind, words in _KINDS if isinstance(value, kind)), "null")
    return RequestError(
        RequestErrorCode.WRONG_TYPE,
        f"Invalid type for '{name}': expected {expected}, but got {kind} instead.",
        param=name,
    )
