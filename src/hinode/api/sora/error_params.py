"""Names the request's field in errors about the thing that the field names."""

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
"""Errors of a video that something is made from."""


@contextmanager
def error_param(param: str, codes: Collection[ErrorCode] | None = None) -> Iterator[None]:
    """Set the ``param`` of errors in the block (of these codes), which services call ``id``."""
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
