"""Captures the log lines of a piece of work, cleaned, beside the log that has them too."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hinode.kit.clock import SystemClock
from hinode.kit.redaction import redact

MOST_LINES = 100
"""Lines that are held until they are taken, the newest."""

_LONGEST = 300
_PATH = re.compile(r"(?<![\w:/.])(?:/[\w.@+~-]+)+/(?=[\w.@+~-])")
_NOT_DETAILS = frozenset({"event", "level", "timestamp", "logger", "exception", "job_id"})

CapturedLines = deque["CapturedLine"]

_lines: ContextVar[CapturedLines | None] = ContextVar("hinode_captured_lines", default=None)


@dataclass(frozen=True, slots=True)
class CapturedLine:
    """A line of the log: its time, level and text, with its fields as text or numbers."""

    at: datetime
    level: str
    event: str
    details: Mapping[str, str | int | float | bool | None]


@contextmanager
def capturing(lines: CapturedLines) -> Iterator[None]:
    """Append the lines that are logged in the block, and in the tasks that it starts."""
    token = _lines.set(lines)
    try:
        yield
    finally:
        _lines.reset(token)


def capture(
    _logger: object, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Capture a line where one is wanted; a step of structlog, after exceptions were formatted."""
    lines = _lines.get()
    if lines is not None:
        lines.append(_line(method, event))
    return event


def _line(method: str, event: Mapping[str, Any]) -> CapturedLine:
    details = {name: _plain(one) for name, one in event.items() if name not in _NOT_DETAILS}
    if trace := str(event.get("exception") or "").rstrip():
        # The trace itself is in the log only: it has the paths and the code of the machine.
        details["error"] = clean(trace.rpartition("\n")[2])
    return CapturedLine(SystemClock().now(), method, clean(str(event["event"])), details)


def _plain(value: object) -> str | int | float | bool | None:
    return value if isinstance(value, int | float | None) else clean(str(value))


def clean(text: str) -> str:
    """Return a text in one short line, without secrets and without the folders of its paths."""
    return _PATH.sub("…/", redact(" ".join(text.split())))[:_LONGEST]
