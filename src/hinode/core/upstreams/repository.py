"""Statements on accounts at upstream servers and their leases; tokens are encrypted."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.types import Plan
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import JobState
from hinode.core.upstreams.tables import upstream_accounts, upstream_leases
from hinode.core.upstreams.types import Slots, UpstreamAccount, UpstreamAccountState
from hinode.media.types import MediaKind
from hinode.upstream_accounts import AccountLease, TokenSet

_LOCK = 0x504F4F4C  # namespace of the advisory locks; arbitrary, but equal in all processes
_UNFINISHED = (JobState.QUEUED.value, JobState.RUNNING.value)
_KNOWN = [
    column
    for column in upstream_accounts.c
    if column.name not in ("access_token", "session_token", "refresh_token")
]
_RENEWABLE = sa.or_(
    upstream_accounts.c.session_token.is_not(None), upstream_accounts.c.refresh_token.is_not(None)
).label("renewable")


def insert(conn: sa.Connection, account: UpstreamAccount, encrypted: TokenSet) -> None:
    """Insert an account with its encrypted tokens."""
    conn.execute(
        upstream_accounts.insert().values(
            id=account.id,
            engine=account.engine,
            label=account.label,
            email=account.email,
            expires_at=account.expires_at,
            state=account.state.value,
            failures=0,
            video_slots=account.slots.videos,
            image_slots=account.slots.images,
            videos_made=0,
            images_made=0,
            use_order=account.use_order,
            created_at=account.created_at,
            **_columns(encrypted),
        )
    )


def change(conn: sa.Connection, account_id: UUID, **values: Any) -> bool:
    """Set columns of an account; return False for an unknown one."""
    statement = upstream_accounts.update().where(upstream_accounts.c.id == account_id)
    return conn.execute(statement.values(**values)).rowcount == 1


def record_accepted(conn: sa.Connection, account_id: UUID, kind: MediaKind) -> None:
    """Count a job that the server accepted for an account, and clear its failures."""
    columns = upstream_accounts.c
    made = columns.videos_made if kind is MediaKind.VIDEO else columns.images_made
    ready = columns.state == UpstreamAccountState.READY.value
    # Incremented in SQL: concurrent jobs must not overwrite each other's count.
    change(
        conn,
        account_id,
        **{made.name: made + 1},
        failures=0,
        cooldown_until=None,
        reason=sa.case((ready, sa.null()), else_=columns.reason),
    )


def change_tokens(
    conn: sa.Connection, account_id: UUID, encrypted: TokenSet, **values: Any
) -> None:
    """Set the tokens that are not None, and further columns."""
    given = {name: text for name, text in _columns(encrypted).items() if text is not None}
    change(conn, account_id, **given, **values)


def find(conn: sa.Connection, account_id: UUID) -> UpstreamAccount | None:
    """Return an account; None for an unknown one."""
    query = sa.select(*_KNOWN, _RENEWABLE).where(upstream_accounts.c.id == account_id)
    row = conn.execute(query).first()
    return None if row is None else _account(row)


def is_of(conn: sa.Connection, account_id: UUID, engine: str) -> bool:
    """Return whether an account belongs to an engine."""
    found = upstream_accounts.c
    return conn.scalar(sa.select(found.engine).where(found.id == account_id)) == engine


def last_use_order(conn: sa.Connection, engine: str) -> int:
    """Return the highest ``use_order`` of an engine's accounts; 0 when it has none."""
    found = upstream_accounts.c
    return conn.scalar(sa.select(sa.func.max(found.use_order)).where(found.engine == engine)) or 0


def find_by_email(conn: sa.Connection, engine: str, email: str) -> UpstreamAccount | None:
    """Return the account of an engine with an e-mail address; None when there is none."""
    query = sa.select(*_KNOWN, _RENEWABLE).where(
        upstream_accounts.c.engine == engine, upstream_accounts.c.email == email
    )
    row = conn.execute(query.order_by(upstream_accounts.c.id)).first()
    return None if row is None else _account(row)


def lock(conn: sa.Connection, engine: str) -> None:
    """Lock the selection among an engine's accounts until the transaction ends.

    Without it two transactions would both see a free slot and lease it twice.
    """
    # SQLite has one writer at a time anyway.
    if conn.dialect.name == "postgresql":
        number = (_LOCK << 32) | zlib.crc32(engine.encode())
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def all_of(conn: sa.Connection, engine: str | None = None) -> list[UpstreamAccount]:
    """Return the accounts of an engine, oldest first; None: of all engines."""
    query = sa.select(*_KNOWN, _RENEWABLE).order_by(upstream_accounts.c.id)
    if engine is not None:
        query = query.where(upstream_accounts.c.engine == engine)
    return [_account(row) for row in conn.execute(query)]


def page(
    conn: sa.Connection, engine: str | None, after: UUID | None, limit: int
) -> list[UpstreamAccount]:
    """Return up to ``limit`` accounts newer than ``after``, oldest first."""
    query = sa.select(*_KNOWN, _RENEWABLE).order_by(upstream_accounts.c.id).limit(limit)
    if engine is not None:
        query = query.where(upstream_accounts.c.engine == engine)
    if after is not None:
        query = query.where(upstream_accounts.c.id > after)
    return [_account(row) for row in conn.execute(query)]


def sealed_tokens(conn: sa.Connection, account_id: UUID) -> TokenSet | None:
    """Return the encrypted tokens of an account; None for an unknown one."""
    found = upstream_accounts.c
    query = sa.select(
        found.access_token, found.session_token, found.refresh_token, found.client_id
    ).where(found.id == account_id)
    row = conn.execute(query).first()
    return None if row is None else TokenSet(*row)


def claim_refresh(conn: sa.Connection, account_id: UUID, now: datetime, until: datetime) -> bool:
    """Claim the refresh of an account's tokens until a time; compare-and-set.

    Return False while another claim lasts. A refresh token works once: two refreshes at the same
    time would invalidate each other.
    """
    columns = upstream_accounts.c
    claimed = columns.refreshing_until
    # A claim that ends later than any new one was made while the clock was wrong.
    free = sa.or_(claimed.is_(None), claimed <= now, claimed > until)
    statement = upstream_accounts.update().where(columns.id == account_id, free)
    return conn.execute(statement.values(refreshing_until=until)).rowcount == 1


def delete(conn: sa.Connection, account_id: UUID) -> bool:
    """Delete an account with its tokens and leases; return False for an unknown one."""
    statement = upstream_accounts.delete().where(upstream_accounts.c.id == account_id)
    return conn.execute(statement).rowcount == 1


def lease_of(conn: sa.Connection, job_id: UUID) -> AccountLease | None:
    """Return the lease of a job; None when it has none."""
    row = conn.execute(upstream_leases.select().where(upstream_leases.c.job_id == job_id)).first()
    if row is None:
        return None
    kind = MediaKind(row.kind)
    return AccountLease(row.job_id, row.account_id, kind, row.sent_at is not None, row.remote_id)


def insert_lease(conn: sa.Connection, lease: AccountLease, now: datetime) -> None:
    """Insert a lease."""
    conn.execute(
        upstream_leases.insert().values(
            job_id=lease.job_id, account_id=lease.account_id, kind=lease.kind.value, since=now
        )
    )


def change_lease(conn: sa.Connection, job_id: UUID, **values: Any) -> None:
    """Set columns of a job's lease."""
    statement = upstream_leases.update().where(upstream_leases.c.job_id == job_id)
    conn.execute(statement.values(**values))


def delete_lease(conn: sa.Connection, job_id: UUID) -> None:
    """Delete the lease of a job, if it has one."""
    conn.execute(upstream_leases.delete().where(upstream_leases.c.job_id == job_id))


def has_ended_leases(conn: sa.Connection) -> bool:
    """Return whether a lease of an ended or deleted job is stored."""
    ended = sa.select(upstream_leases.c.job_id).where(_of_ended()).limit(1)
    return conn.scalar(ended) is not None


def delete_ended_leases(conn: sa.Connection) -> int:
    """Delete the leases of ended or deleted jobs, which do not count any more.

    Return their number.
    """
    return conn.execute(upstream_leases.delete().where(_of_ended())).rowcount


def _of_ended() -> sa.ColumnElement[bool]:
    # By lease, not by job: there are fewer leases than unfinished jobs.
    own = (jobs.c.id == upstream_leases.c.job_id) & jobs.c.state.in_(_UNFINISHED)
    return ~sa.exists(jobs.c.id).where(own).correlate(upstream_leases)


def running(conn: sa.Connection, engine: str | None = None) -> Mapping[tuple[UUID, MediaKind], int]:
    """Return the numbers of unfinished jobs by account and kind."""
    leases = upstream_leases.c
    query = (
        sa.select(leases.account_id, leases.kind, sa.func.count())
        .join(jobs, sa.and_(jobs.c.id == leases.job_id, jobs.c.state.in_(_UNFINISHED)))
        .group_by(leases.account_id, leases.kind)
    )
    if engine is not None:
        query = query.join(upstream_accounts, upstream_accounts.c.id == leases.account_id)
        query = query.where(upstream_accounts.c.engine == engine)
    return {(row[0], MediaKind(row[1])): row[2] for row in conn.execute(query)}


def _columns(tokens: TokenSet) -> dict[str, str | None]:
    return {
        "access_token": tokens.access,
        "session_token": tokens.session,
        "refresh_token": tokens.refresh,
        "client_id": tokens.client_id,
    }


def _account(row: Any) -> UpstreamAccount:
    return UpstreamAccount(
        id=row.id,
        engine=row.engine,
        label=row.label,
        email=row.email,
        plan=None if row.plan is None else Plan(row.plan),
        state=UpstreamAccountState(row.state),
        reason=row.reason,
        failures=row.failures,
        cooldown_until=row.cooldown_until,
        videos_left=row.videos_left,
        resets_at=row.resets_at,
        expires_at=row.expires_at,
        renewable=bool(row.renewable),
        slots=Slots(row.video_slots, row.image_slots),
        videos_made=row.videos_made,
        images_made=row.images_made,
        use_order=row.use_order,
        last_used_at=row.last_used_at,
        checked_at=row.checked_at,
        created_at=row.created_at,
    )
