"""Sets the request's field in errors of services, which name resources ``id``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from hinode.core.errors import ErrorCode, HinodeError

VIDEO_ERRORS = (
    ErrorCode.JOB_NOT_FOUND,
    ErrorCode.NOT_READY,
    ErrorCode.JOB_FAILED,
    ErrorCode.EXPIRED,
)
"""Errors about the source video of a request."""


@contextmanager
def error_param(param: str, codes: Collection[ErrorCode] | None = None) -> Iterator[None]:
    """Set the ``param`` of errors raised in the block; ``codes`` limits it to these codes."""
    try:
        yield
    except HinodeError as error:
        if codes is not None and error.code not in codes:
            raise
        raise HinodeError(
            error.code,
            error.message,
            param=param,
            hint=error.hint,
            retry_after=error.retry_after,
            details=error.details,
        ) from error
