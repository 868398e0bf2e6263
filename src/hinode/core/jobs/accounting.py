"""Credits held and spent by an account's jobs, and its usage by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from hinode.core.auth.tables import keys
from hinode.core.credits.tables import balances
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import JobState

_DAY = 86_400_000
"""A day in milliseconds, the unit of stored times."""

_EPOCH = date(1970, 1, 1)
_UNFINISHED = (JobState.QUEUED.value, JobState.RUNNING.value)


@dataclass(frozen=True, slots=True)
class Period:
    """Days in UTC, the first and the last one included."""

    first: date
    last: date

    @property
    def start_at(self) -> datetime:
        """Start of the first day."""
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)

    @property
    def end_at(self) -> datetime:
        """Start of the day after the last one."""
        return datetime(self.last.year, self.last.month, self.last.day, tzinfo=UTC) + timedelta(1)


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Usage of one model by one key on one day (UTC); ``credits`` includes held ones.

    ``key_name`` is None when the jobs were created without a key or the key was deleted.
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
class CreditSummary:
    """An account's credits: left, held by unfinished jobs, and spent.

    ``balance`` is None when credits are unlimited.
    """

    balance: int | None
    held: int
    spent: int


def credit_summary(conn: sa.Connection, account_id: UUID) -> CreditSummary:
    """Return an account's balance, held and spent credits, read in one statement."""
    holds = jobs.c.state.in_(_UNFINISHED)
    charged = sa.select(
        sa.func.coalesce(sa.func.sum(sa.case((holds, jobs.c.charged), else_=0)), 0).label("held"),
        sa.func.coalesce(sa.func.sum(sa.case((holds, 0), else_=jobs.c.charged)), 0).label("spent"),
    )
    sums = charged.where(jobs.c.account_id == account_id).subquery()
    # One statement: a job that ends between two would be missing or counted twice.
    query = sa.select(balances.c.amount, balances.c.unlimited, sums.c.held, sums.c.spent).where(
        balances.c.account_id == account_id
    )
    row = conn.execute(query.select_from(balances.join(sums, sa.true()))).one()
    balance = None if row.unlimited else row.amount
    return CreditSummary(balance, int(row.held), int(row.spent))


def usage(conn: sa.Connection, account_id: UUID, period: Period) -> list[UsageRow]:
    """Return the usage of a period, newest day first; deleted jobs count."""
    # A literal, not a parameter: PostgreSQL does not recognise two parameters in SELECT and GROUP
    # BY as the same expression.
    length = sa.literal_column(str(_DAY), sa.BigInteger)
    day = (sa.type_coerce(jobs.c.created_at, sa.BigInteger) // length).label("day")
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
            sa.func.sum(jobs.c.charged).label("credits"),
        )
        .select_from(jobs)
        .join(keys, keys.c.id == jobs.c.key_id, isouter=True)
        .where(
            jobs.c.account_id == account_id,
            jobs.c.created_at >= period.start_at,
            jobs.c.created_at < period.end_at,
        )
        .group_by(day, jobs.c.model, jobs.c.key_id)
        .order_by(sa.desc("day"), jobs.c.model, jobs.c.key_id)
    )
    return [_usage(row) for row in conn.execute(query)]


def _usage(row: sa.Row[tuple[object, ...]]) -> UsageRow:
    made, completed = int(row.made), int(row.completed)
    return UsageRow(
        day=_EPOCH + timedelta(days=int(row.day)),
        model=row.model,
        key_id=row.key_id,
        key_name=row.key_name,
        jobs=made,
        completed=completed,
        failed=made - completed - int(row.unfinished),
        credits=int(row.credits),
    )
