"""Sums over the jobs of all accounts by hour and engine, for the operator's charts.

Hours that are over are kept; only the jobs of the last one or two hours are read for a chart.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hinode.core.jobs.tables import jobs, place_hours
from hinode.core.jobs.types import JobState
from hinode.kit.clock import Clock
from hinode.kit.ids import min_id_at

if TYPE_CHECKING:
    from hinode.db.database import Database

HOURS_AT_ONCE = 48
"""Hours that are added up in one transaction, or for one chart while no worker does it."""

_HOUR_MS = 3_600_000
_GRACE = timedelta(minutes=10)
"""An end is written with its time a little before it is committed."""
_ID_SLACK = timedelta(hours=1)
_KEPT_HOURS = 24 * 400
_NO_ENGINE = ""


@dataclass(frozen=True, slots=True)
class PlaceSum:
    """Jobs created in a time, and sums over those that ended in it, at one engine or at all.

    ``waited`` are the milliseconds that the ``started`` ones had waited, ``rendered`` those that
    the completed ones took.
    """

    created: int = 0
    completed: int = 0
    failed: int = 0
    canceled: int = 0
    credits: int = 0
    started: int = 0
    waited: int = 0
    longest_wait: int = 0
    rendered: int = 0

    def __add__(self, other: PlaceSum) -> PlaceSum:
        """Return the sums over both; the longest wait is the longer one."""
        added = {one.name: getattr(self, one.name) + getattr(other, one.name) for one in _FIELDS}
        added["longest_wait"] = max(self.longest_wait, other.longest_wait)
        return PlaceSum(**added)


_FIELDS = fields(PlaceSum)
_COLUMNS = [place_hours.c[one.name] for one in _FIELDS]
_NOTHING = PlaceSum()

Sums = dict[tuple[int, str], PlaceSum]
"""By hour and engine."""


@dataclass(frozen=True, slots=True)
class PlaceBucket:
    """The sums of one hour or day: of each engine with jobs, by its name."""

    start: datetime
    engines: dict[str, PlaceSum]

    @property
    def total(self) -> PlaceSum:
        """The sums over all engines."""
        return sum(self.engines.values(), _NOTHING)


@dataclass(frozen=True, slots=True)
class PlaceSums:
    """Keeps the sums of hours that are over, and reads them."""

    db: Database
    clock: Clock

    def keep(self) -> int:
        """Keep the sums of up to 48 hours that are over, the oldest first; return their number.

        Safe to run in several processes at once.
        """
        last = _hour(self.clock.now() - _GRACE) - 1
        with self.db.read() as conn:
            first = _first_open(conn)
        if first is None or first > last:
            return 0
        last = min(last, first + HOURS_AT_ONCE - 1)
        try:
            with self.db.write() as conn:
                _insert(conn, first, last)
                conn.execute(place_hours.delete().where(place_hours.c.hour < last - _KEPT_HOURS))
        except sa.exc.IntegrityError:
            return 0  # another worker has kept them at the same time
        return last - first + 1

    def buckets(self, hours: int, number: int) -> list[PlaceBucket]:
        """Return the last ``number`` times of so many hours each (UTC), the present one last."""
        now = _hour(self.clock.now())
        first = (now // hours - number + 1) * hours
        with self.db.read() as conn:
            found = self._since(conn, first, now)
        by_bucket: dict[int, dict[str, PlaceSum]] = defaultdict(dict)
        for (hour, engine), one in found.items():
            kept = by_bucket[hour // hours].get(engine, _NOTHING)
            by_bucket[hour // hours][engine] = kept + one
        numbers = range(first // hours, now // hours + 1)
        return [PlaceBucket(_start(one * hours), by_bucket.get(one, {})) for one in numbers]

    def _since(self, conn: sa.Connection, first: int, now: int) -> Sums:
        kept = sa.select(place_hours.c.hour, place_hours.c.engine, *_COLUMNS).where(
            place_hours.c.hour >= first, place_hours.c.engine != _NO_ENGINE
        )
        found = {(hour, engine): PlaceSum(*some) for hour, engine, *some in conn.execute(kept)}
        fresh = max(first, _first_open(conn) or first, now - HOURS_AT_ONCE + 1)
        return {**found, **_added_up(conn, fresh, now)}


def _first_open(conn: sa.Connection) -> int | None:
    """Return the first hour whose sums are not kept; None when there never was a job."""
    kept = conn.scalar(sa.select(sa.func.max(place_hours.c.hour)))
    if kept is not None:
        return int(kept) + 1
    oldest = conn.scalar(sa.select(jobs.c.created_at).order_by(jobs.c.id).limit(1))
    return None if oldest is None else _hour(oldest)


def _insert(conn: sa.Connection, first: int, last: int) -> None:
    rows: Sums = dict.fromkeys(((hour, _NO_ENGINE) for hour in range(first, last + 1)), _NOTHING)
    rows |= _added_up(conn, first, last)
    conn.execute(
        place_hours.insert(),
        [
            {"hour": hour, "engine": engine, **{at.name: getattr(one, at.name) for at in _FIELDS}}
            for (hour, engine), one in rows.items()
        ],
    )


def _added_up(conn: sa.Connection, first: int, last: int) -> Sums:
    """Return the sums of hours, both included, from the jobs themselves."""
    found: Sums = defaultdict(PlaceSum)
    for hour, engine, number in conn.execute(_creates(_start(first), _start(last + 1))):
        found[hour, engine] += PlaceSum(created=number)
    for hour, engine, *some in conn.execute(_ends(_start(first), _start(last + 1))):
        found[hour, engine] += PlaceSum(0, *map(int, some))
    return dict(found)


def _creates(since: datetime, until: datetime) -> sa.Select[Any]:
    hour = _hour_of(jobs.c.created_at)
    # Ids begin with the machine's time at the create: a range of the primary key.
    made = (jobs.c.id >= min_id_at(since - _ID_SLACK), jobs.c.id < min_id_at(until + _ID_SLACK))
    query = sa.select(hour, jobs.c.engine, sa.func.count()).where(
        *made, jobs.c.created_at >= since, jobs.c.created_at < until
    )
    return query.group_by(hour, jobs.c.engine)


def _ends(since: datetime, until: datetime) -> sa.Select[Any]:
    hour, began = _hour_of(jobs.c.ended_at), _ms(jobs.c.started_at)
    waited, completed = began - _ms(jobs.c.created_at), jobs.c.state == JobState.COMPLETED.value

    def count(state: JobState) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((jobs.c.state == state.value, 1), else_=0))

    query = sa.select(
        hour,
        jobs.c.engine,
        *(count(one) for one in (JobState.COMPLETED, JobState.FAILED, JobState.CANCELED)),
        sa.func.sum(jobs.c.charged),
        sa.func.count(jobs.c.started_at),
        sa.func.coalesce(sa.func.sum(waited), 0),
        sa.func.coalesce(sa.func.max(waited), 0),
        sa.func.sum(sa.case((completed, _ms(jobs.c.ended_at) - began), else_=0)),
    )
    ended = sa.text("ended_at IS NOT NULL")
    here = query.where(ended, jobs.c.ended_at >= since, jobs.c.ended_at < until)
    return here.group_by(hour, jobs.c.engine)


def _ms(column: sa.ColumnElement[datetime]) -> sa.ColumnElement[int]:
    return sa.type_coerce(column, sa.BigInteger)


def _hour_of(column: sa.ColumnElement[datetime]) -> sa.ColumnElement[int]:
    # A literal: PostgreSQL takes two parameters for two expressions, of which it groups by one.
    return _ms(column) // sa.literal_column(str(_HOUR_MS))


def _hour(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600


def _start(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * 3600, UTC)
