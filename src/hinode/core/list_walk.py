"""Pages of lists whose rows are read one by one to see if they match.

No index leads to a text within prompts, in both databases and in every script, at a price that a
create could pay. So a page reads a number of rows at most, and the next one continues from there:
each takes the same time, however rare what is looked for and however long the list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from hinode.db.list_order import newest_first

MOST_ROWS = 2_000
"""Rows of a list that one page reads."""

Conditions = Sequence[sa.ColumnElement[bool]]
ListOf = Callable[[int, Conditions, UUID | None], sa.Select[UUID]]
"""Return the query for so many ids of a list, newest first, whose rows meet the conditions.

The last argument is the oldest id to read; None: all.
"""


@dataclass(frozen=True, slots=True)
class IdPage:
    """The ids of a page; the next one comes after ``next_after``, None: this is the last."""

    ids: Sequence[UUID]
    next_after: UUID | None


def page_of(conn: sa.Connection, rows: ListOf, limit: int, matching: Conditions) -> IdPage:
    """Return a page of the rows of a list that match; it can be short, or empty, before the last.

    ``matching`` are conditions that no index serves; without any, every page but the last is full.
    """
    edge = _edge(conn, rows) if matching else None
    found = list(conn.scalars(rows(limit + 1, matching, edge)))
    if len(found) > limit:
        return IdPage(found[:limit], found[limit - 1])
    return IdPage(found, edge)


def _edge(conn: sa.Connection, rows: ListOf) -> UUID | None:
    """Return the last row that the page reads; None when the list ends before."""
    ids = rows(MOST_ROWS, (), None).subquery()
    last = sa.select(ids.c.id).order_by(newest_first(ids.c.id)).offset(MOST_ROWS - 1).limit(1)
    return conn.scalar(last)
