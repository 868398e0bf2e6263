"""Usage of all accounts, grouped as an operator asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import accounts
from hinode.core.auth.tables import keys
from hinode.core.credits import repository as ledger
from hinode.core.credits.types import LedgerEntry, LedgerEntryKind
from hinode.core.jobs.accounting import Period
from hinode.core.jobs.tables import NO_KEY, usage_days
from hinode.core.pagination import Page, PageQuery, paginate

if TYPE_CHECKING:
    from hinode.db.database import Database

_EPOCH = date(1970, 1, 1)


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

        Archived jobs count; one that moved counts at the engine that it moved to.
        """
        with self.db.read() as conn:
            return [_sum(row, groups) for row in conn.execute(_grouped(period, groups))]

    def ledger(
        self, account_id: UUID | None, kind: LedgerEntryKind | None, wanted: PageQuery
    ) -> Page[tuple[LedgerEntry, str]]:
        """Return a page of the ledger of all accounts or one, newest first, with their names."""
        with self.db.read() as conn:
            return paginate(
                wanted,
                lambda after, limit: ledger.page_of_all(conn, account_id, kind, after, limit),
            )


def _grouped(period: Period, groups: Sequence[UsageGroup]) -> sa.Select[Any]:
    first, last = ((day - _EPOCH).days for day in (period.first, period.last))
    named: dict[UsageGroup, list[Any]] = {
        UsageGroup.DAY: [usage_days.c.day],
        UsageGroup.MODEL: [usage_days.c.model],
        UsageGroup.ACCOUNT: [accounts.c.name.label("account")],
        UsageGroup.KEY: [usage_days.c.key_id, keys.c.name.label("key_name")],
        UsageGroup.ENGINE: [usage_days.c.engine],
    }
    columns = [column for one in groups for column in named[one]]
    sums = [
        sa.func.sum(usage_days.c[name]).label(f"sum_{name}")
        for name in ("jobs", "completed", "failed", "credits")
    ]
    # An engine that all jobs of a day left has sums of 0.
    chosen = usage_days.c.day.between(first, last) & (usage_days.c.jobs > 0)
    query = sa.select(*columns, *sums).select_from(_named(groups)).where(chosen)
    query = query.group_by(*columns)
    return query.order_by(*(one.desc() if one is usage_days.c.day else one for one in columns))


def _named(groups: Sequence[UsageGroup]) -> sa.FromClause:
    """Return the sums with the names of the accounts and keys that they are grouped by."""
    source: sa.FromClause = usage_days
    if UsageGroup.ACCOUNT in groups:
        source = source.join(accounts, accounts.c.id == usage_days.c.account_id)
    if UsageGroup.KEY in groups:
        source = source.join(keys, keys.c.id == usage_days.c.key_id, isouter=True)
    return source


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
