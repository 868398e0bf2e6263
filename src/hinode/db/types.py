"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Timestamp(sa.TypeDecorator[datetime]):
    """An aware UTC datetime stored as milliseconds since 1970 in a big integer.

    Both databases then store, index and compare it the same way; SQLite has no time type.
    """

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        """Turn a datetime into milliseconds."""
        return None if value is None else (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        """Turn milliseconds into a datetime."""
        return None if value is None else _EPOCH + value * _MILLISECOND


def milliseconds(moment: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return PostgreSQL's expression of a moment as :class:`Timestamp` stores it."""
    return sa.func.int8(sa.func.floor(sa.func.extract("epoch", moment) * 1000))


SERVER_TIME = milliseconds(sa.func.clock_timestamp())
"""PostgreSQL's own clock: machines that share the database may disagree."""
