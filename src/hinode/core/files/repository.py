"""Statements on uploaded files; expired files are not found, removed yet or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.files.tables import files
from hinode.core.files.types import File
from hinode.core.pagination import Page
from hinode.db.types import Timestamp

_SELECT = sa.select(*(files.c[one.name] for one in fields(File)))


def insert(conn: sa.Connection, file: File) -> None:
    """Insert a file."""
    conn.execute(files.insert().values(**asdict(file)))


def find_own(conn: sa.Connection, account_id: UUID, file_id: UUID, now: datetime) -> File | None:
    """Find a file of this account; None when it is unknown or has expired."""
    query = _SELECT.where(
        files.c.id == file_id, files.c.account_id == account_id, _not_expired(now)
    )
    row = conn.execute(query).one_or_none()
    return _file(row) if row else None


def find(conn: sa.Connection, file_id: UUID, now: datetime) -> File | None:
    """Find a file of any account; None when it is unknown or has expired."""
    row = conn.execute(_SELECT.where(files.c.id == file_id, _not_expired(now))).one_or_none()
    return _file(row) if row else None


def page(
    conn: sa.Connection,
    account_id: UUID,
    *,
    purpose: str | None,
    limit: int,
    after: UUID | None,
    ascending: bool,
    now: datetime,
) -> Page[File]:
    """Return a page of an account's files after the id ``after``, oldest or newest first."""
    query = _SELECT.where(files.c.account_id == account_id, _not_expired(now))
    if purpose is not None:
        query = query.where(files.c.purpose == purpose)
    if after is not None:
        query = query.where(files.c.id > after if ascending else files.c.id < after)
    order = files.c.id.asc() if ascending else files.c.id.desc()
    rows = Page.first_of(conn.execute(query.order_by(order).limit(limit + 1)).all(), limit)
    return rows.of([_file(row) for row in rows.items])


def delete(conn: sa.Connection, file_ids: Sequence[UUID]) -> list[str]:
    """Delete the rows of files; return their storage keys.

    The caller deletes the objects after its commit.
    """
    gone = files.delete().where(files.c.id.in_(file_ids)).returning(files.c.key)
    return list(conn.scalars(gone))


def expired(conn: sa.Connection, now: datetime, limit: int) -> list[UUID]:
    """Return up to ``limit`` expired files that are not hidden yet."""
    due = (files.c.expires_at <= now) & files.c.removal_due.is_(None)
    return list(conn.scalars(sa.select(files.c.id).where(due).limit(limit)))


def hide(conn: sa.Connection, file_ids: Sequence[UUID], removal_due: int) -> None:
    """Hide files; ``removal_due`` is the counted uptime of their removal in milliseconds."""
    chosen = files.update().where(files.c.id.in_(file_ids))
    conn.execute(chosen.values(removal_due=removal_due))


def restore_early(conn: sa.Connection, now: datetime) -> int:
    """Restore hidden files that expire after ``now``; return their number."""
    early = files.c.removal_due.is_not(None) & (files.c.expires_at > now)
    return conn.execute(files.update().where(early).values(removal_due=None)).rowcount


def restore(conn: sa.Connection, until: datetime) -> int:
    """Restore all hidden files; they expire at ``until`` at the earliest. Return their number."""
    expiry = files.c.expires_at
    later = sa.case((expiry < until, sa.literal(until, Timestamp)), else_=expiry)
    hidden = files.update().where(files.c.removal_due.is_not(None))
    return conn.execute(hidden.values(removal_due=None, expires_at=later)).rowcount


def delete_due(conn: sa.Connection, uptime: int, limit: int) -> list[str]:
    """Delete the rows of hidden files whose grace period is over; return their storage keys.

    ``uptime`` is the counted uptime in milliseconds.
    """
    due = sa.select(files.c.id).where(files.c.removal_due <= uptime).limit(limit)
    gone = files.delete().where(files.c.id.in_(due), files.c.removal_due.is_not(None))
    return list(conn.scalars(gone.returning(files.c.key)))


def kept_bytes(conn: sa.Connection, account_id: UUID) -> int:
    """Return the bytes of an account's files that are not hidden."""
    chosen = (files.c.account_id == account_id) & files.c.removal_due.is_(None)
    total = sa.select(sa.func.coalesce(sa.func.sum(files.c.bytes), 0))
    return int(conn.execute(total.where(chosen)).scalar_one())


def known_keys(conn: sa.Connection, keys: Sequence[str]) -> set[str]:
    """Return the keys among ``keys`` that belong to a file."""
    return set(conn.scalars(sa.select(files.c.key).where(files.c.key.in_(keys))))


def _not_expired(now: datetime) -> sa.ColumnElement[bool]:
    kept = files.c.expires_at.is_(None) | (files.c.expires_at > now)
    return kept & files.c.removal_due.is_(None)


def _file(row: Any) -> File:
    return File(**row._asdict())
