"""Statements on drafts and tasks; each uses an index, so its cost does not grow with the table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import accounts, names
from hinode.core.accounts.types import Plan
from hinode.core.drafts.types import DraftOwner, OutputPosition
from hinode.core.jobs.fair_queue import JOBS_AHEAD
from hinode.core.jobs.repository import job_of
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import Job
from hinode.db.compiled_statement import CompiledStatement
from hinode.db.list_order import newest_first, only
from hinode.media.types import MediaKind

_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
_LAST_ID = UUID(int=2**128 - 1)

_MINE = jobs.c.account_id == sa.bindparam("account")
_LISTED = sa.text("jobs.ended_at IS NOT NULL AND jobs.deleted_at IS NULL")
_VIDEOS = jobs.c.kind == sa.literal_column(f"'{MediaKind.VIDEO.value}'")
_MOST = sa.bindparam("most", type_=sa.Integer)

_OWNERS = sa.select(
    accounts.c.id, accounts.c.plan, accounts.c.name, names.c.shown.label("username")
).join_from(accounts, names, names.c.owner_id == accounts.c.id, isouter=True)
_OWNER = CompiledStatement(_OWNERS.where(accounts.c.id == sa.bindparam("account")))
_LISTED_JOBS = sa.select(jobs, JOBS_AHEAD).where(_MINE, jobs.c.deleted_at.is_(None)).limit(_MOST)


def _merged(parts: Iterable[sa.Select[Any]]) -> sa.Select[Any]:
    """Return the newest of several lists; each is a range of an index, and all are one moment."""
    both = sa.union_all(*(sa.select(part.subquery()) for part in parts)).subquery()
    return sa.select(both).order_by(newest_first(both.c.id)).limit(_MOST)


_UNFINISHED = CompiledStatement(
    _merged(
        _LISTED_JOBS.where(_VIDEOS, only(jobs.c.state, sa.literal_column(state))).order_by(
            jobs.c.state.desc(), newest_first(jobs.c.id)
        )
        for state in ("'queued'", "'running'")
    )
)
_ENDED = CompiledStatement(
    sa.select(jobs)
    .where(
        _MINE,
        _VIDEOS,
        _LISTED,
        sa.tuple_(jobs.c.ended_at, jobs.c.id)
        <= sa.tuple_(
            sa.bindparam("moment", type_=jobs.c.ended_at.type),
            sa.bindparam("edge", type_=sa.Uuid),
        ),
    )
    .order_by(jobs.c.ended_at.desc(), jobs.c.id.desc())
    .limit(_MOST)
)
_OF_KIND = {
    kind: _LISTED_JOBS.where(
        jobs.c.kind == sa.literal_column(f"'{kind.value}'"),
        jobs.c.id < sa.bindparam("edge", type_=sa.Uuid),
    ).order_by(newest_first(jobs.c.id))
    for kind in MediaKind
}
_RECENT = CompiledStatement(_merged(_OF_KIND.values()))
_PICTURES = CompiledStatement(_OF_KIND[MediaKind.IMAGE])
_ENDED_AT = CompiledStatement(
    sa.select(jobs.c.ended_at).where(jobs.c.id == sa.bindparam("job"), _MINE, _VIDEOS)
)


@dataclass(frozen=True, slots=True)
class EndedJob:
    """A job that has ended; bit n of ``reviewed`` is set when the owner has opened output n."""

    job: Job
    reviewed: int


@dataclass(frozen=True, slots=True)
class RecentJob:
    """A job in any state; ``ahead`` is its place in the queue, None unless it is queued."""

    job: Job
    reviewed: int
    ahead: int | None


def owner(conn: sa.Connection, account_id: UUID) -> DraftOwner:
    """Return an account as owner. Raises ``LookupError`` for an unknown account."""
    row = _OWNER.first(conn, account=account_id)
    if row is None:
        raise LookupError(f"there is no account {account_id}")
    return _owner(row)


def owners(conn: sa.Connection, account_ids: Collection[UUID]) -> list[DraftOwner]:
    """Return accounts as owners, in no defined order."""
    return [_owner(row) for row in conn.execute(_OWNERS.where(accounts.c.id.in_(account_ids)))]


def unfinished(conn: sa.Connection, account_id: UUID, most: int) -> list[RecentJob]:
    """Return up to ``most`` video jobs of an account that have not ended, newest first."""
    return [_recent(row) for row in _UNFINISHED.all(conn, account=account_id, most=most)]


def ended(
    conn: sa.Connection, account_id: UUID, most: int, since: tuple[datetime, UUID] | None
) -> list[EndedJob]:
    """Return up to ``most`` ended video jobs of an account, latest end first.

    ``since`` is the end and the id of a job with which the list begins; None: the latest.
    """
    moment, edge = since or (_END_OF_TIME, _LAST_ID)
    rows = _ENDED.all(conn, account=account_id, moment=moment, edge=edge, most=most)
    return [EndedJob(job_of(row), row.reviewed) for row in rows]


def ended_at(conn: sa.Connection, account_id: UUID, job_id: UUID) -> datetime | None:
    """Return the end of a video job of this account, also of a deleted one; None: unknown."""
    row = _ENDED_AT.first(conn, account=account_id, job=job_id)
    return row.ended_at if row else None


def recent(
    conn: sa.Connection, account_id: UUID, most: int, before: UUID | None, *, videos: bool
) -> list[RecentJob]:
    """Return up to ``most`` jobs of an account older than ``before``, newest first."""
    statement = _RECENT if videos else _PICTURES
    rows = statement.all(conn, account=account_id, edge=before or _LAST_ID, most=most)
    return [_recent(row) for row in rows]


def ended_among(conn: sa.Connection, job_ids: Collection[UUID]) -> list[EndedJob]:
    """Return the ended video jobs among ``job_ids``, of any account, in no defined order."""
    query = sa.select(jobs).where(jobs.c.id.in_(job_ids), _VIDEOS, _LISTED)
    return [EndedJob(job_of(row), row.reviewed) for row in conn.execute(query)]


def mark_reviewed(conn: sa.Connection, places: Sequence[OutputPosition]) -> None:
    """Set the bits of outputs that the owner has opened."""
    for place in places:
        seen = jobs.c.reviewed.bitwise_or(1 << place.output)
        conn.execute(jobs.update().where(jobs.c.id == place.job_id).values(reviewed=seen))


def _owner(row: Any) -> DraftOwner:
    return DraftOwner(row.id, row.username or row.name, Plan(row.plan) is not Plan.FREE)


def _recent(row: Any) -> RecentJob:
    return RecentJob(job_of(row), row.reviewed, row.ahead)
