"""Fields that every line of the log has which is written in a block, and in its tasks and threads.

structlog's own way looks through all context variables for each line.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar, Token
from typing import Any

Fields = Mapping[str, str]

_fields: ContextVar[Fields | None] = ContextVar("hinode_log_fields", default=None)


class log_fields:
    """Add fields to the lines that are written in the block."""

    __slots__ = ("_added", "_token")

    def __init__(self, **added: str) -> None:
        self._added: Fields = added

    def __enter__(self) -> None:
        before = _fields.get()
        fields = {**before, **self._added} if before else self._added
        self._token: Token[Fields | None] = _fields.set(fields)

    def __exit__(self, *_error: object) -> None:
        _fields.reset(self._token)


def merge_log_fields(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Add the fields of the block that a line is written in; a step of structlog."""
    fields = _fields.get()
    return {**fields, **event} if fields else event
