"""Credits of a route's jobs on one day: held ones, and what ended ones were charged.

The limit is one conditional update, so it holds however many servers and workers create jobs. Its
row is locked until the transaction ends. A transaction takes it after the balance of the account
and before the sums of the account, and several of them in their order, so that none waits for
another in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from hinode.core.engines.tables import route_days
from hinode.db.compiled_statement import CompiledStatement

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_KEPT_DAYS = 31
"""Days after which no unfinished job can give credits back."""


@dataclass(frozen=True, slots=True, order=True)
class RouteDay:
    """A day (days since 1970, UTC) of a route: an engine as one of a model's."""

    engine: str
    model: str
    day: int

    @classmethod
    def at(cls, engine: str, model: str, now: datetime) -> RouteDay:
        """Return the day of a moment."""
        return cls(engine, model, (now - _EPOCH) // _DAY)


_HERE = (
    (route_days.c.engine == sa.bindparam("engine_name"))
    & (route_days.c.model == sa.bindparam("model_name"))
    & (route_days.c.day == sa.bindparam("day_number"))
)
_AMOUNT = sa.bindparam("amount", type_=sa.BigInteger)
# PostgreSQL's dialect writes the clause as both databases read it.
_ENSURE = CompiledStatement(postgresql.insert(route_days).on_conflict_do_nothing())
_ADD = route_days.update().where(_HERE).values(credits=route_days.c.credits + _AMOUNT)
_CHANGE = CompiledStatement(_ADD)
_TAKE = CompiledStatement(
    _ADD.where(route_days.c.credits + _AMOUNT <= sa.bindparam("most", type_=sa.BigInteger))
)
_CREDITS = CompiledStatement(sa.select(route_days.c.credits).where(_HERE))


def take(conn: sa.Connection, at: RouteDay, amount: int, most: int) -> bool:
    """Add credits to a route's day; False, with nothing added, if that would exceed ``most``."""
    _ENSURE.run(conn, engine=at.engine, model=at.model, day=at.day, credits=0)
    return _TAKE.run(conn, **_key(at), amount=amount, most=most) == 1


def give_back(conn: sa.Connection, at: RouteDay | None, amount: int) -> None:
    """Take credits that were not charged off the day that counts them; None: none does."""
    if amount and at is not None:
        _CHANGE.run(conn, **_key(at), amount=-amount)


def used(conn: sa.Connection, at: RouteDay) -> int:
    """Return the credits of a route's day."""
    row = _CREDITS.first(conn, **_key(at))
    return int(row.credits) if row else 0


def used_by_engine(conn: sa.Connection, now: datetime) -> dict[str, int]:
    """Return the credits of today of the engines whose routes have limits."""
    here = route_days.c.day == (now - _EPOCH) // _DAY
    query = sa.select(route_days.c.engine, sa.func.sum(route_days.c.credits)).where(here)
    rows = conn.execute(query.group_by(route_days.c.engine))
    return {engine: int(credits) for engine, credits in rows}


def lock(conn: sa.Connection, days: Iterable[RouteDay]) -> None:
    """Lock the rows of several days until the transaction ends, in their order."""
    for at in sorted(days):
        _ENSURE.run(conn, engine=at.engine, model=at.model, day=at.day, credits=0)
        _CHANGE.run(conn, **_key(at), amount=0)


def forget(conn: sa.Connection, now: datetime) -> None:
    """Delete the days that no job gives credits back to any more."""
    conn.execute(route_days.delete().where(route_days.c.day < (now - _EPOCH) // _DAY - _KEPT_DAYS))


def _key(at: RouteDay) -> dict[str, object]:
    return {"engine_name": at.engine, "model_name": at.model, "day_number": at.day}
