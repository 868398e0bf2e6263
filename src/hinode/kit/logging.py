"""Structured logs on stderr: text or JSON, with secrets redacted."""

from __future__ import annotations

import io
import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Literal

import structlog

LogFormat = Literal["auto", "text", "json"]
_SECRET = re.compile(r"(sk-|whsec_)[A-Za-z0-9+/=]{8,}")
_TOKEN = re.compile(r"\b(eyJ)[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?")
_PASSWORD = re.compile(r"(://[^:/@\s]*):[^@\s]*@")
_USER = re.compile(r"(://)[^:/@\s]+@")
_SIGNED_URL = re.compile(r"/[0-9a-f]{32}\.[0-9a-f]{8,10}/")
_SECRET_MARKERS = ("sk-", "whsec_", "eyJ", "://", "/files/", "/portraits/")
"""Each match of the patterns has one of these, which are cheap to search."""


def configure_logging(form: LogFormat, level: str) -> None:
    """Set up structlog and the standard library's loggers."""
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Before the redaction: a traceback may have a secret.
        structlog.processors.format_exc_info,
    ]
    last: list[Any] = [_console()] if text else [structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[*shared, redact_secrets, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(_LossyStderr()),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )
    _configure_standard(shared, last, number)


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


def redact_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Redact API keys, tokens, signing secrets, signatures and passwords in URLs."""
    return {
        name: redact(value) if isinstance(value, str) else value for name, value in event.items()
    }


def redact(text: str) -> str:
    """Return a text without its keys, tokens, signing secrets, signatures and URLs' credentials."""
    if not any(sign in text for sign in _SECRET_MARKERS):
        return text
    shown = _TOKEN.sub(r"\1***", _SECRET.sub(r"\1***", text))
    shown = _SIGNED_URL.sub("/***/", shown)
    # A user without a password is often a token.
    return _PASSWORD.sub(r"\1:***@", _USER.sub(r"\1***@", shown))


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
