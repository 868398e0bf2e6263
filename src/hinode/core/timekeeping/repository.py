"""Statements on the believed time and the counted uptime."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from hinode.core.timekeeping.tables import agreed_time
from hinode.core.timekeeping.types import ServerTimes, TimeMark
from hinode.db.types import SERVER_TIME, Timestamp, milliseconds
from hinode.kit.machine_uptime import MachineUptime

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # in the row that the migration inserts
_SERVER_TIMES = sa.select(
    sa.type_coerce(SERVER_TIME, Timestamp),
    sa.type_coerce(milliseconds(sa.func.pg_postmaster_start_time()), Timestamp),
)


def stored(conn: sa.Connection) -> TimeMark | None:
    """Return the last time that a process of this database believed; None when there is none."""
    row = conn.execute(agreed_time.select()).one()
    if row.seen_at == _NEVER:
        return None
    return TimeMark(row.seen_at, MachineUptime(row.boot, row.boot_seconds))


def store(conn: sa.Connection, mark: TimeMark) -> None:
    """Store a believed time."""
    conn.execute(
        agreed_time.update().values(
            seen_at=mark.time, boot=mark.uptime.boot, boot_seconds=mark.uptime.seconds
        )
    )


def server_times(conn: sa.Connection) -> ServerTimes:
    """Return the current time and the start time of the PostgreSQL server by its own clock."""
    return ServerTimes(*conn.execute(_SERVER_TIMES).one())


def uptime(conn: sa.Connection) -> int:
    """Return the counted uptime in milliseconds."""
    return conn.scalar(sa.select(agreed_time.c.uptime_ms)) or 0


def raise_uptime(conn: sa.Connection, milliseconds: int) -> int:
    """Raise the counted uptime, in milliseconds; a lower value changes nothing.

    Return the new value.
    """
    column = agreed_time.c.uptime_ms
    higher = sa.case((column < milliseconds, milliseconds), else_=column)
    raised = agreed_time.update().values(uptime_ms=higher).returning(column)
    counted: int = conn.execute(raised).scalar_one()
    return counted
