"""Statements on posts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hinode.core.posts.tables import posts
from hinode.core.posts.types import Post, Rank

MAX_RANKED = 1_000
"""Number of newest posts that the top feed ranks; it bounds the cost of the query."""

_REMIX_WORTH = 10
"""Views to which a remix is equivalent in the score; this project's choice."""


def insert(conn: sa.Connection, post: Post) -> Post:
    """Insert a post, or return the existing post of its file."""
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(posts).values(**asdict(post))
    # An update without effect, because ON CONFLICT DO NOTHING returns no row: in one statement the
    # existing row is locked and returned.
    kept = statement.on_conflict_do_update(
        index_elements=[posts.c.asset_id], set_={"asset_id": statement.excluded.asset_id}
    ).returning(*posts.c)
    return _post(conn.execute(kept).one())


def find(conn: sa.Connection, post_id: UUID) -> Post | None:
    """Find a post of any account; None when there is none."""
    row = conn.execute(posts.select().where(posts.c.id == post_id)).one_or_none()
    return _post(row) if row else None


def of_files(conn: sa.Connection, asset_ids: Collection[UUID]) -> list[Post]:
    """Return the posts of files, in no defined order."""
    rows = conn.execute(posts.select().where(posts.c.asset_id.in_(asset_ids)))
    return [_post(row) for row in rows]


def delete_own(conn: sa.Connection, account_id: UUID, post_id: UUID) -> bool:
    """Delete a post of this account; return False when there is none."""
    own = (posts.c.id == post_id) & (posts.c.account_id == account_id)
    return conn.execute(posts.delete().where(own)).rowcount == 1


def newest(
    conn: sa.Connection, account_id: UUID | None, limit: int, before: UUID | None
) -> list[Post]:
    """Return up to ``limit`` posts older than ``before``, newest first; None: of all accounts."""
    query = posts.select()
    if account_id is not None:
        query = query.where(posts.c.account_id == account_id)
    if before is not None:
        query = query.where(posts.c.id < before)
    rows = conn.execute(query.order_by(posts.c.id.desc()).limit(limit))
    return [_post(row) for row in rows]


def top(
    conn: sa.Connection, since: datetime, limit: int, after: Rank | None
) -> list[tuple[Rank, Post]]:
    """Return up to ``limit`` posts after a rank, highest score first.

    Only the newest :data:`MAX_RANKED` posts created since ``since`` are ranked.
    """
    recent = posts.select().order_by(posts.c.id.desc()).limit(MAX_RANKED).subquery()
    score = recent.c.views + _REMIX_WORTH * recent.c.remixes
    query = sa.select(recent, score.label("score")).where(recent.c.created_at >= since)
    if after is not None:
        behind = (score == after.score) & (recent.c.id < after.id)
        query = query.where((score < after.score) | behind)
    rows = conn.execute(query.order_by(score.desc(), recent.c.id.desc()).limit(limit))
    return [(Rank(row.score, row.id), _post(row)) for row in rows]


def count_view(conn: sa.Connection, post_id: UUID) -> None:
    """Count a view of a post."""
    conn.execute(posts.update().where(posts.c.id == post_id).values(views=posts.c.views + 1))


def count_remix(conn: sa.Connection, post_id: UUID) -> None:
    """Count a remix of a post."""
    conn.execute(posts.update().where(posts.c.id == post_id).values(remixes=posts.c.remixes + 1))


def _post(row: Any) -> Post:
    return Post(**{column.name: getattr(row, column.name) for column in posts.c})
