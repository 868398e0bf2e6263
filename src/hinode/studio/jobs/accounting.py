"""What an account's jobs hold and have cost, and what was made on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from hinode.studio.access.tables import keys
from hinode.studio.credits.tables import balances, ledger
from hinode.studio.jobs.tables import jobs
from hinode.studio.jobs.types import JobState

_DAY = 86_400_000
"""Milliseconds of a day: the unit of stored times."""

_EPOCH = date(1970, 1, 1)
_UNFINISHED = (JobState.QUEUED.value, JobState.RUNNING.value)


@dataclass(frozen=True, slots=True)
class Period:
    """Days in UTC, the first and the last one included."""

    first: date
    last: date

    @property
    def begins(self) -> datetime:
        """The first moment."""
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)

    @property
    def ends(self) -> datetime:
        """The first moment after."""
        return datetime(self.last.year, self.last.month, self.last.day, tzinfo=UTC) + timedelta(1)


@dataclass(frozen=True, slots=True)
class Usage:
    """What one key made with one model on one day (UTC); ``credits`` includes what is held.

    ``key_name`` is None where no key made the jobs, or it has gone.
    """

    day: date
    model: str
    key_id: UUID | None
    key_name: str | None
    jobs: int
    completed: int
    failed: int
    credits: int


@dataclass(frozen=True, slots=True)
class Standing:
    """An account's credits: left, held by unfinished jobs, and spent.

    ``balance`` is None when credits are unlimited.
    """

    balance: int | None
    held: int
    spent: int


def standing(conn: sa.Connection, account_id: UUID) -> Standing:
    """Return what an account has, holds and has spent, all at one moment."""
    held = sa.select(sa.func.sum(jobs.c.price)).where(
        jobs.c.account_id == account_id, jobs.c.state.in_(_UNFINISHED)
    )
    taken = sa.select(-sa.func.sum(ledger.c.amount)).where(
        ledger.c.account_id == account_id, ledger.c.job_id.is_not(None)
    )
    # One statement, because a job may end between two.
    query = sa.select(
        balances.c.amount,
        balances.c.unlimited,
        sa.func.coalesce(held.scalar_subquery(), 0).label("held"),
        sa.func.coalesce(taken.scalar_subquery(), 0).label("taken"),
    ).where(balances.c.account_id == account_id)
    row = conn.execute(query).one()
    held_now = int(row.held)
    return Standing(None if row.unlimited else row.amount, held_now, int(row.taken) - held_now)


def usage(conn: sa.Connection, account_id: UUID, period: Period) -> list[Usage]:
    """Return what was made in a period, newest day first; deleted jobs count."""
    # Written out and not bound: PostgreSQL groups only by what is spelled the same everywhere.
    length = sa.literal_column(str(_DAY), sa.BigInteger)
    day = (sa.type_coerce(jobs.c.created_at, sa.BigInteger) // length).label("day")
    cost = _costs(account_id, period.begins)
    ended_well = sa.case((jobs.c.state == JobState.COMPLETED.value, 1), else_=0)
    unfinished = sa.case((jobs.c.state.in_(_UNFINISHED), 1), else_=0)
    query = (
        sa.select(
            day,
            jobs.c.model,
            jobs.c.key_id,
            sa.func.max(keys.c.name).label("key_name"),
            sa.func.count().label("made"),
            sa.func.sum(ended_well).label("completed"),
            sa.func.sum(unfinished).label("unfinished"),
            sa.func.coalesce(sa.func.sum(cost.c.credits), 0).label("credits"),
        )
        .select_from(jobs)
        .join(cost, cost.c.job_id == jobs.c.id, isouter=True)
        .join(keys, keys.c.id == jobs.c.key_id, isouter=True)
        .where(
            jobs.c.account_id == account_id,
            jobs.c.created_at >= period.begins,
            jobs.c.created_at < period.ends,
        )
        .group_by(day, jobs.c.model, jobs.c.key_id)
        .order_by(sa.desc("day"), jobs.c.model, jobs.c.key_id)
    )
    return [_usage(row) for row in conn.execute(query)]


def _costs(account_id: UUID, begins: datetime) -> sa.Subquery:
    """Return the cost of each job; entries are never older than their job."""
    return (
        sa.select(ledger.c.job_id, (-sa.func.sum(ledger.c.amount)).label("credits"))
        .where(
            ledger.c.account_id == account_id,
            ledger.c.job_id.is_not(None),
            ledger.c.created_at >= begins,
        )
        .group_by(ledger.c.job_id)
        .subquery()
    )


def _usage(row: sa.Row[tuple[object, ...]]) -> Usage:
    made, completed = int(row.made), int(row.completed)
    return Usage(
        day=_EPOCH + timedelta(days=int(row.day)),
        model=row.model,
        key_id=row.key_id,
        key_name=row.key_name,
        jobs=made,
        completed=completed,
        failed=made - completed - int(row.unfinished),
        credits=int(row.credits),
    )
