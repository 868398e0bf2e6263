"""Reading and writing uploaded files' rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.files.tables import files
from hinode.core.files.types import File, FilePage


def insert(conn: sa.Connection, file: File) -> None:
    """Add a file."""
    conn.execute(files.insert().values(**asdict(file)))


def find_own(conn: sa.Connection, account_id: UUID, file_id: UUID, now: datetime) -> File | None:
    """Find a file of this account only, unless it has expired."""
    query = files.select().where(
        files.c.id == file_id, files.c.account_id == account_id, _not_expired(now)
    )
    row = conn.execute(query).one_or_none()
    return _file(row) if row else None


def find(conn: sa.Connection, file_id: UUID, now: datetime) -> File | None:
    """Find a file of any account, unless it has expired."""
    row = conn.execute(files.select().where(files.c.id == file_id, _not_expired(now))).one_or_none()
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
) -> FilePage:
    """Return up to ``limit`` files of an account, oldest or newest first, after an id."""
    query = files.select().where(files.c.account_id == account_id, _not_expired(now))
    if purpose is not None:
        query = query.where(files.c.purpose == purpose)
    if after is not None:
        query = query.where(files.c.id > after if ascending else files.c.id < after)
    order = files.c.id.asc() if ascending else files.c.id.desc()
    rows = conn.execute(query.order_by(order).limit(limit + 1)).all()
    return FilePage([_file(row) for row in rows[:limit]], has_more=len(rows) > limit)


def delete(conn: sa.Connection, file_ids: Sequence[UUID]) -> list[str]:
    """Forget files and return the storage keys that they had."""
    gone = files.delete().where(files.c.id.in_(file_ids)).returning(files.c.key)
    return list(conn.scalars(gone))


def expired(conn: sa.Connection, now: datetime, limit: int) -> list[UUID]:
    """Return files that are due to go."""
    return list(conn.scalars(sa.select(files.c.id).where(files.c.expires_at <= now).limit(limit)))


def known_keys(conn: sa.Connection, keys: Sequence[str]) -> set[str]:
    """Return those of the given storage keys that some file has."""
    return set(conn.scalars(sa.select(files.c.key).where(files.c.key.in_(keys))))


def _not_expired(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(files.c.expires_at.is_(None), files.c.expires_at > now)


def _file(row: Any) -> File:
    return File(**row._asdict())
