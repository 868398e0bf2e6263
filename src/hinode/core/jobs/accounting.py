"""Sums over jobs: unfinished jobs, credits held and spent, usage by day, spend of keys.

The sums are kept: they change in the transaction that creates, requeues or ends a job, so that no
read adds up the jobs of an account. The sums of an account are changed only while its balance or
one of its jobs is locked, so they are no bottleneck that these are not. Held and spent credits are
columns of the balance, changed with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from hinode.core.auth import repository as keys
from hinode.core.auth.tables import keys as key_table
from hinode.core.credits.tables import balances
from hinode.core.jobs import place_days
from hinode.core.jobs.repository import BATCH_SIZE
from hinode.core.jobs.tables import NO_KEY, jobs, key_spend, unfinished_counts, usage_days
from hinode.core.jobs.types import Job, JobState
from hinode.db.compiled_statement import CompiledStatement, adding_to

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


_ADD_USAGE = CompiledStatement(adding_to(usage_days))
_ADD_UNFINISHED = CompiledStatement(adding_to(unfinished_counts))
_ADD_KEY_SPEND = CompiledStatement(adding_to(key_spend))
_UNFINISHED_OF_ACCOUNT = CompiledStatement(
    sa.select(sa.func.coalesce(sa.func.sum(unfinished_counts.c.jobs), 0).label("jobs")).where(
        unfinished_counts.c.account_id == sa.bindparam("account")
    )
)
# One statement, so one moment. Literals: a partial index is used only if the query repeats its
# condition. The running jobs are few, as many as there are slots of workers.
_UNFINISHED_BY_ENGINE = (
    sa.select(unfinished_counts.c.engine, sa.func.sum(unfinished_counts.c.jobs), sa.literal(0))
    .where(sa.text("jobs > 0"))
    .group_by(unfinished_counts.c.engine)
    .union_all(
        sa.select(jobs.c.engine, sa.literal(0), sa.func.count())
        .where(sa.text("state = 'running'"))
        .group_by(jobs.c.engine)
    )
)
_IN_HOUR = sa.case((key_spend.c.minute >= sa.bindparam("hour"), key_spend.c.credits), else_=0)
_KEY_SPEND = CompiledStatement(
    sa.select(
        sa.func.coalesce(sa.func.sum(_IN_HOUR), 0).label("in_hour"),
        sa.func.coalesce(sa.func.sum(key_spend.c.credits), 0).label("in_day"),
    ).where(key_spend.c.key_id == sa.bindparam("key"), key_spend.c.minute >= sa.bindparam("day"))
)
_USAGE_OF = (usage_days.c.day, usage_days.c.model, usage_days.c.key_id)
_USAGE = CompiledStatement(
    sa.select(
        *_USAGE_OF,
        key_table.c.name.label("key_name"),
        *(
            sa.func.sum(usage_days.c[name]).label(name)
            for name in ("jobs", "completed", "failed", "credits")
        ),
    )
    .join(key_table, key_table.c.id == usage_days.c.key_id, isouter=True)
    .where(
        usage_days.c.account_id == sa.bindparam("account"),
        usage_days.c.day >= sa.bindparam("first"),
        usage_days.c.day <= sa.bindparam("last"),
    )
    .group_by(*_USAGE_OF, key_table.c.name)
    .order_by(usage_days.c.day.desc(), usage_days.c.model, usage_days.c.key_id)
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days in UTC, the first and the last one included."""

    first: date
    last: date


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


@dataclass(frozen=True, slots=True)
class KeySpend:
    """Credits of a key's jobs of the last hour and of the last 24 hours, to the minute."""

    in_hour: int
    in_day: int


def record_create(conn: sa.Connection, job: Job) -> None:
    """Add a new job to the sums; its price counts as spent until it ends."""
    _add_usage(conn, job, job.engine, jobs=1, completed=0, failed=0, credits=job.price)
    _add_unfinished(conn, job, job.engine, 1)
    if job.key_id is not None:
        keys.add_to_sums(conn, job.key_id, credits=job.price, jobs=1)
        _add_key_spend(conn, job, job.price)


def record_requeue(conn: sa.Connection, job: Job, engine: str) -> None:
    """Move a requeued job in the sums from its engine to another one."""
    if engine == job.engine:
        return
    # In one order: two jobs that change places must not wait for each other's row.
    changes = sorted([(job.engine, -1), (engine, 1)])
    for name, change in changes:
        _add_usage(conn, job, name, jobs=change, completed=0, failed=0, credits=change * job.price)
    for name, change in changes:
        _add_unfinished(conn, job, name, change)


def record_end(conn: sa.Connection, job: Job, charged: int) -> None:
    """Change the sums at the end of a job; ``job`` has ended and ``charged`` is its charge."""
    completed, change = int(job.state is JobState.COMPLETED), charged - job.price
    _add_usage(
        conn, job, job.engine, jobs=0, completed=completed, failed=1 - completed, credits=change
    )
    _add_unfinished(conn, job, job.engine, -1)
    if job.key_id is not None:
        keys.add_to_sums(conn, job.key_id, credits=change, jobs=-1)
        if change:
            _add_key_spend(conn, job, change)


def _add_usage(conn: sa.Connection, job: Job, engine: str, **sums: int) -> None:
    sums["day"] = (job.created_at - _EPOCH) // _DAY
    place_days.record(conn, job.model, engine, **sums)
    made = {"model": job.model, "engine": engine, "key_id": job.key_id or NO_KEY}
    _ADD_USAGE.run(conn, account_id=job.account_id, **made, **sums)


def _add_unfinished(conn: sa.Connection, job: Job, engine: str, change: int) -> None:
    _ADD_UNFINISHED.run(conn, account_id=job.account_id, engine=engine, jobs=change)


def _add_key_spend(conn: sa.Connection, job: Job, change: int) -> None:
    minute = (job.created_at - _EPOCH) // _MINUTE
    _ADD_KEY_SPEND.run(conn, key_id=job.key_id, minute=minute, credits=change)


def forget_key_spend(conn: sa.Connection, now: datetime) -> None:
    """Delete the spend of keys that no limit counts any more."""
    old = key_spend.c.minute < (now - _DAY - _HOUR - _EPOCH) // _MINUTE
    conn.execute(key_spend.delete().where(old))


def unfinished_of_account(conn: sa.Connection, account_id: UUID) -> int:
    """Return the number of an account's jobs that have not ended."""
    ((found,),) = _UNFINISHED_OF_ACCOUNT.all(conn, account=account_id)
    return int(found)


def unfinished_by_engine(conn: sa.Connection) -> dict[str, tuple[int, int]]:
    """Return the counts of queued and running jobs by engine."""
    found: dict[str, tuple[int, int]] = {}
    for engine, unfinished, running in conn.execute(_UNFINISHED_BY_ENGINE):
        queued, before = found.get(engine, (0, 0))
        found[engine] = queued + int(unfinished) - running, before + running
    return found


def spend_of_key(conn: sa.Connection, key_id: UUID, now: datetime) -> KeySpend:
    """Return what the jobs of a key hold or were charged, by the time of their creates.

    The minute in which the hour or the day begins counts whole: a limit is never exceeded.
    """
    hour, day = ((now - one - _EPOCH) // _MINUTE for one in (_HOUR, _DAY))
    (found,) = _KEY_SPEND.all(conn, key=key_id, hour=hour, day=day)
    return KeySpend(int(found.in_hour), int(found.in_day))


def credit_summary(conn: sa.Connection, account_id: UUID) -> CreditSummary:
    """Return an account's balance, held and spent credits."""
    return credit_summaries(conn, [account_id])[account_id]


def credit_summaries(
    conn: sa.Connection, account_ids: Sequence[UUID]
) -> Mapping[UUID, CreditSummary]:
    """Return the balances, held and spent credits of accounts, by account id."""
    found: dict[UUID, CreditSummary] = {}
    for start in range(0, len(account_ids), BATCH_SIZE):
        some = account_ids[start : start + BATCH_SIZE]
        for row in conn.execute(balances.select().where(balances.c.account_id.in_(some))):
            balance = None if row.unlimited else row.amount
            found[row.account_id] = CreditSummary(balance, row.held, row.spent)
    return found


def usage(conn: sa.Connection, account_id: UUID, period: Period) -> list[UsageRow]:
    """Return the usage of a period, newest day first; deleted jobs count."""
    first, last = ((day - _EPOCH.date()).days for day in (period.first, period.last))
    rows = _USAGE.all(conn, account=account_id, first=first, last=last)
    return [
        UsageRow(
            day=_EPOCH.date() + timedelta(days=row.day),
            model=row.model,
            key_id=None if row.key_id == NO_KEY else row.key_id,
            key_name=row.key_name,
            jobs=int(row.jobs),
            completed=int(row.completed),
            failed=int(row.failed),
            credits=int(row.credits),
        )
        for row in rows
    ]
