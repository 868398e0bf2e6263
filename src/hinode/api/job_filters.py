"""Filters of lists of jobs: several statuses, and times."""

from __future__ import annotations

from datetime import UTC, datetime

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.types import JobState

STATUSES = ", ".join(JobState)


def parse_states(text: str | None) -> list[JobState]:
    """Return the states of a list of names, separated by commas. Raises :class:`HinodeError`."""
    names = [one.strip() for one in (text or "").split(",") if one.strip()]
    unknown = next((one for one in names if one not in tuple(JobState)), None)
    if unknown is not None:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'status' must be one of {STATUSES}, not '{unknown[:40]}'.",
            param="status",
        )
    return list(dict.fromkeys(JobState(one) for one in names))


def parse_moment(seconds: int | None, param: str) -> datetime | None:
    """Return a time given in Unix seconds; None for None. Raises :class:`HinodeError`."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        message = f"'{param}' must be a time in Unix seconds."
        raise HinodeError(ErrorCode.INVALID_VALUE, message, param=param) from None
