"""Times of the API's objects: Unix seconds."""

from __future__ import annotations

from datetime import UTC, datetime


def to_unix(moment: datetime | None) -> int | None:
    """Return a time in Unix seconds, None for None."""
    return None if moment is None else int(moment.timestamp())


def from_unix(seconds: int | None) -> datetime | None:
    """Return a time from Unix seconds, None for None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
