"""Usage of all accounts, grouped as an operator asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import accounts
from hinode.core.auth.tables import keys
from hinode.core.credits import repository as ledger
from hinode.core.credits.types import LedgerEntry, LedgerEntryKind
from hinode.core.jobs.accounting import Period
from hinode.core.jobs.tables import NO_KEY, jobs, usage_days
from hinode.core.jobs.types import JobState
from hinode.core.pagination import Page, PageQuery, paginate
from hinode.kit.ids import min_id_at

if TYPE_CHECKING:
    from hinode.db.database import Database

_EPOCH = date(1970, 1, 1)
_DAY_MS = 86_400_000


class UsageGroup(StrEnum):
    """A column by which usage is grouped."""

    DAY = "day"
    MODEL = "model"
    ACCOUNT = "account"
    KEY = "key"
    ENGINE = "engine"


@dataclass(frozen=True, slots=True)
class UsageSum:
    """Usage of one group; a column by which it is not grouped is None."""

    day: date | None
    model: str | None
    account: str | None
    key_id: UUID | None
    key_name: str | None
    engine: str | None
    jobs: int
    completed: int
    failed: int
    credits: int


@dataclass(frozen=True, slots=True)
class UsageReports:
    """Reports over all accounts."""

    db: Database

    def usage(self, period: Period, groups: Sequence[UsageGroup]) -> list[UsageSum]:
        """Return the usage of a period; days are those (UTC) on which the jobs were created.

        Grouped by engine, archived jobs are missing: only jobs know their engine.
        """
        source = _of_jobs(period) if UsageGroup.ENGINE in groups else _of_days(period)
        with self.db.read() as conn:
            return [_sum(row, groups) for row in conn.execute(_grouped(source, groups))]

    def ledger(
        self, account_id: UUID | None, kind: LedgerEntryKind | None, wanted: PageQuery
    ) -> Page[tuple[LedgerEntry, str]]:
        """Return a page of the ledger of all accounts or one, newest first, with their names."""
        with self.db.read() as conn:
            return paginate(
                wanted,
                lambda after, limit: ledger.page_of_all(conn, account_id, kind, after, limit),
            )


def _of_days(period: Period) -> sa.Subquery:
    first, last = ((day - _EPOCH).days for day in (period.first, period.last))
    return (
        sa.select(
            usage_days.c.day,
            usage_days.c.model,
            usage_days.c.account_id,
            usage_days.c.key_id,
            sa.null().label("engine"),
            usage_days.c.jobs,
            usage_days.c.completed,
            usage_days.c.failed,
            usage_days.c.credits,
        )
        .where(usage_days.c.day.between(first, last))
        .subquery()
    )


def _of_jobs(period: Period) -> sa.Subquery:
    begin = datetime.combine(period.first, time(), UTC)
    end = datetime.combine(period.last, time(), UTC) + timedelta(days=1)
    milliseconds = sa.type_coerce(jobs.c.created_at, sa.BigInteger)
    return (
        sa.select(
            (milliseconds // sa.literal(_DAY_MS, sa.BigInteger)).label("day"),
            jobs.c.model,
            jobs.c.account_id,
            sa.func.coalesce(jobs.c.key_id, NO_KEY).label("key_id"),
            jobs.c.engine,
            sa.literal(1).label("jobs"),
            sa.case((jobs.c.state == JobState.COMPLETED.value, 1), else_=0).label("completed"),
            sa.case(
                (jobs.c.state.in_([JobState.FAILED.value, JobState.CANCELED.value]), 1), else_=0
            ).label("failed"),
            jobs.c.charged.label("credits"),
        )
        .where(jobs.c.id >= min_id_at(begin), jobs.c.created_at >= begin, jobs.c.created_at < end)
        .subquery()
    )


def _grouped(source: sa.Subquery, groups: Sequence[UsageGroup]) -> sa.Select[Any]:
    named: dict[UsageGroup, list[Any]] = {
        UsageGroup.DAY: [source.c.day],
        UsageGroup.MODEL: [source.c.model],
        UsageGroup.ACCOUNT: [accounts.c.name.label("account")],
        UsageGroup.KEY: [source.c.key_id, keys.c.name.label("key_name")],
        UsageGroup.ENGINE: [source.c.engine],
    }
    columns = [column for one in groups for column in named[one]]
    sums = [
        sa.func.sum(source.c[name]).label(f"sum_{name}")
        for name in ("jobs", "completed", "failed", "credits")
    ]
    joined = source.join(accounts, accounts.c.id == source.c.account_id).join(
        keys, keys.c.id == source.c.key_id, isouter=True
    )
    query = sa.select(*columns, *sums).select_from(joined).group_by(*columns)
    return query.order_by(*(one.desc() if one is source.c.day else one for one in columns))


def _sum(row: Any, groups: Sequence[UsageGroup]) -> UsageSum:
    by_key = UsageGroup.KEY in groups and row.key_id != NO_KEY
    return UsageSum(
        day=_EPOCH + timedelta(days=int(row.day)) if UsageGroup.DAY in groups else None,
        model=row.model if UsageGroup.MODEL in groups else None,
        account=row.account if UsageGroup.ACCOUNT in groups else None,
        key_id=row.key_id if by_key else None,
        key_name=row.key_name if by_key else None,
        engine=row.engine if UsageGroup.ENGINE in groups else None,
        jobs=int(row.sum_jobs or 0),
        completed=int(row.sum_completed or 0),
        failed=int(row.sum_failed or 0),
        credits=int(row.sum_credits or 0),
    )
