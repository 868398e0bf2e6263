"""Select the account for a job, in one statement that reads no tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.types import Plan
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import JobState
from hinode.core.upstreams.tables import upstream_accounts, upstream_leases
from hinode.core.upstreams.types import MAX_COOLDOWN, PRO_PLANS, UNLIMITED, UpstreamAccountState
from hinode.db.compiled_statement import CompiledStatement
from hinode.db.types import Timestamp
from hinode.media.types import MediaKind
from hinode.upstream_accounts import LeaseRequest

_ACCOUNTS, _LEASES = upstream_accounts.c, upstream_leases.c
_NOW = sa.bindparam("now", type_=Timestamp)
# The same rule as `is_cooling_down`: a later end was set while the clock was wrong.
_LATEST = sa.bindparam("latest", type_=Timestamp)
_ENGINE = sa.bindparam("engine_name", type_=sa.String)
_UNFINISHED = [JobState.QUEUED, JobState.RUNNING]


@dataclass(frozen=True, slots=True)
class SelectedAccount:
    """An account with a free slot, and its new ``use_order``."""

    account_id: UUID
    use_order: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """The columns that decide when an account can take jobs; see ``UpstreamAccount``."""

    plan: Plan | None
    cooldown_until: datetime | None
    videos_left: int | None
    resets_at: datetime | None

    def is_out_of_quota(self, now: datetime) -> bool:
        """Return whether it has no videos left until ``resets_at``."""
        if self.videos_left is None or self.videos_left > 0:
            return False
        return self.resets_at is None or self.resets_at > now


def least_busy(
    conn: sa.Connection, engine: str, need: LeaseRequest, now: datetime
) -> SelectedAccount | None:
    """Return the account with a free slot and the fewest jobs of the kind; None without one.

    Among equals the least recently used one is chosen, so that idle accounts take turns.
    """
    values: dict[str, Any] = {"engine_name": engine, "now": now, "latest": now + MAX_COOLDOWN}
    if need.account_id is not None:
        values["account"] = need.account_id
    statement = _least_busy(need.kind, need.pro, need.account_id is not None)
    row = statement.first(conn, **values)
    return None if row is None else SelectedAccount(row.id, row.use_order)


def candidates(conn: sa.Connection, engine: str, need: LeaseRequest) -> list[Candidate]:
    """Return the ready accounts with slots for jobs of a kind, busy or not, of any plan."""
    query = sa.select(
        _ACCOUNTS.plan, _ACCOUNTS.cooldown_until, _ACCOUNTS.videos_left, _ACCOUNTS.resets_at
    ).where(_wanted(need.kind), _ACCOUNTS.engine == engine)
    if need.account_id is not None:
        query = query.where(_ACCOUNTS.id == need.account_id)
    return [
        Candidate(None if plan is None else Plan(plan), *rest)
        for plan, *rest in conn.execute(query)
    ]


@cache
def _least_busy(kind: MediaKind, pro: bool, is_named: bool) -> CompiledStatement:
    # The outer joins give an account without unfinished jobs one row with a NULL job id, which
    # count() ignores.
    count, slots = sa.func.count(jobs.c.id), _slots(kind)
    last = sa.select(sa.func.max(_ACCOUNTS.use_order)).where(_ACCOUNTS.engine == _ENGINE)
    query = (
        sa.select(_ACCOUNTS.id, (last.scalar_subquery() + 1).label("use_order"))
        .outerjoin(
            upstream_leases,
            (_LEASES.account_id == _ACCOUNTS.id) & (_LEASES.kind == kind.value),
        )
        .outerjoin(jobs, (jobs.c.id == _LEASES.job_id) & _one_of(jobs.c.state, _UNFINISHED))
        .where(_ACCOUNTS.engine == _ENGINE, _wanted(kind), *_able(kind))
        .group_by(_ACCOUNTS.id)
        .having((slots == UNLIMITED) | (count < slots))
        .order_by(count, _ACCOUNTS.use_order, _ACCOUNTS.id)
        .limit(1)
    )
    if pro:
        query = query.where(_one_of(_ACCOUNTS.plan, sorted(PRO_PLANS)))
    if is_named:
        query = query.where(_ACCOUNTS.id == sa.bindparam("account", type_=sa.Uuid()))
    return CompiledStatement(query)


def _wanted(kind: MediaKind) -> sa.ColumnElement[bool]:
    return (_ACCOUNTS.state == UpstreamAccountState.READY.value) & (_slots(kind) != 0)


def _able(kind: MediaKind) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of an account neither in cooldown nor out of quota."""
    until = _ACCOUNTS.cooldown_until
    cooled_down = until.is_(None) | (until <= _NOW) | (until > _LATEST)
    if kind is not MediaKind.VIDEO:
        return [cooled_down]
    left = _ACCOUNTS.videos_left.is_(None) | (_ACCOUNTS.videos_left > 0)
    return [cooled_down, left | (_ACCOUNTS.resets_at <= _NOW)]


def _slots(kind: MediaKind) -> sa.Column[int]:
    return _ACCOUNTS.video_slots if kind is MediaKind.VIDEO else _ACCOUNTS.image_slots


def _one_of(column: sa.Column[str], words: list[Any]) -> sa.ColumnElement[bool]:
    # An OR, not IN: the compiled statement cannot expand a list parameter.
    return sa.or_(*(column == word.value for word in words))
