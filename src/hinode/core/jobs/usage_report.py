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
from hinode.core.jobs import place_days
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

    def add_up(self) -> int:
        """Add some changes of the last seconds to the sums of all accounts; return their number."""
        with self.db.read() as conn:
            if not place_days.are_changed(conn):
                return 0
        with self.db.write() as conn:
            return place_days.add_up(conn)

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
    by_owner = UsageGroup.ACCOUNT in groups or UsageGroup.KEY in groups
    kept: sa.FromClause = usage_days if by_owner else place_days.everything()
    columns = [column for one in groups for column in _columns(one, kept)]
    sums = [
        sa.func.sum(kept.c[name]).label(f"sum_{name}")
        for name in ("jobs", "completed", "failed", "credits")
    ]
    query = sa.select(*columns, *sums).select_from(_named(kept, groups))
    query = query.where(kept.c.day.between(first, last)).group_by(*columns)
    # An engine that all jobs of a day left has sums of 0.
    query = query.having(sa.func.sum(kept.c.jobs) > 0)
    return query.order_by(*(one.desc() if one is kept.c.day else one for one in columns))


def _columns(group: UsageGroup, kept: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    match group:
        case UsageGroup.ACCOUNT:
            return [accounts.c.name.label("account")]
        case UsageGroup.KEY:
            return [kept.c.key_id, keys.c.name.label("key_name")]
        case _:
            return [kept.c[group.value]]


def _named(kept: sa.FromClause, groups: Sequence[UsageGroup]) -> sa.FromClause:
    """Return the sums with the names of the accounts and keys that they are grouped by."""
    source = kept
    if UsageGroup.ACCOUNT in groups:
        source = source.join(accounts, accounts.c.id == kept.c.account_id)
    if UsageGroup.KEY in groups:
        source = source.join(keys, keys.c.id == kept.c.key_id, isouter=True)
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
