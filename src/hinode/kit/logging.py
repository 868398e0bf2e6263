"""Structured logs on stderr: text or JSON, with secrets redacted."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

import structlog

from hinode.kit.captured_lines import capture
from hinode.kit.log_context import merge_log_fields
from hinode.kit.redaction import redact_secrets

LogFormat = Literal["auto", "text", "json"]

_ENCODER = json.JSONEncoder(default=repr)
"""Made once, where ``json.dumps`` makes one for each line."""


def configure_logging(form: LogFormat, level: str) -> None:
    """Set up structlog and the standard library's loggers."""
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        merge_log_fields,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Before the redaction: a traceback may have a secret.
        structlog.processors.format_exc_info,
    ]
    last: list[Any] = [_console()] if text else [structlog.processors.JSONRenderer(_to_json)]
    structlog.configure(
        processors=[*shared, redact_secrets, capture, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(_LossyStderr()),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )
    _configure_standard(shared, last, number)


def _to_json(event: Mapping[str, Any], **_options: Any) -> str:
    return _ENCODER.encode(event)


class _LossyStderr(io.TextIOBase):
    """Writes to stderr and drops what cannot be written, as on a full disk.

    An exception of a log call would end the work that is logged, or the thread that logs an error.
    """

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def _console() -> structlog.dev.ConsoleRenderer:
    # The pretty formatter would print local variables, which may be secrets.
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        sort_keys=False,
        exception_formatter=structlog.dev.plain_traceback,
    )


def _configure_standard(shared: list[Any], last: list[Any], level: int) -> None:
    handler = logging.StreamHandler(_LossyStderr())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact_secrets,
                *last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(level, logging.WARNING))
