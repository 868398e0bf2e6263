"""Naming the field of a request in errors that the studio raised about what the field named."""

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
"""What may be wrong with a video that something is to be made from."""


@contextmanager
def error_param(param: str, codes: Collection[ErrorCode] | None = None) -> Iterator[None]:
    """Name a field in the block's errors (of these codes): a verb calls ``id`` what it is given."""
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
