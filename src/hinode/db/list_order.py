"""The order of lists by id, for which PostgreSQL uses only the index of the list.

A list of one account is a range of an index that ends with the id. Other indexes have the order of
the ids, too: the primary key, and for a list with a filter that of the list without. PostgreSQL's
planner believes that rows which match are spread evenly, so it may walk through one of these and
read millions of rows to find the twenty of an account that has paused for long. It cannot do so in
an order that only the list's own index has. The lists' indexes differ from the primary key in the
place of NULL, which no id is; a filter is a range of one value that comes first in the order,
because a column that equals a constant is left out of it. SQLite does not mind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

LISTED_BY_ID: Mapping[str, str] = {"id": "uuid_ops NULLS FIRST"}
"""``postgresql_ops`` of the index of a list."""

FILTERED_TWICE: Mapping[str, str] = {"state": "text_ops NULLS FIRST", **LISTED_BY_ID}
"""``postgresql_ops`` of the index of a list with a filter before that of the state."""


def only(
    column: sa.ColumnElement[str], value: str | sa.ColumnElement[str]
) -> sa.ColumnElement[bool]:
    """Return the filter for one value of a column that comes before the id in the order."""
    return column.between(value, value)


def only_between(
    column: sa.ColumnElement[str],
    value: str,
    ids: sa.ColumnElement[UUID],
    oldest: UUID | None,
    before: UUID | None,
) -> sa.ColumnElement[bool]:
    """Return the filter for one value and for ids from ``oldest`` on, before ``before``; None: any.

    With conditions on the ids alone the range of the value would be read from its beginning.
    """
    row, only_value = sa.tuple_(column, ids), sa.literal(value)

    def at(one: UUID) -> sa.Tuple:
        return sa.tuple_(only_value, sa.literal(one, sa.Uuid))

    lower = column >= only_value if oldest is None else row >= at(oldest)
    return lower & (column <= only_value if before is None else row < at(before))


def newest_first(column: sa.ColumnElement[Any]) -> sa.UnaryExpression[Any]:
    """Return the order of a list by its id, newest first; also for the state before it."""
    return column.desc().nulls_last()


def newest_of(parts: Sequence[sa.Select[UUID]], limit: int) -> sa.Select[UUID]:
    """Return the query for the newest ids of several lists, each a range of an index."""
    if len(parts) == 1:
        return parts[0]
    found = sa.union_all(*(sa.select(part.subquery()) for part in parts)).subquery()
    return sa.select(found.c.id).order_by(newest_first(found.c.id)).limit(limit)


def oldest_first(column: sa.ColumnElement[Any]) -> sa.UnaryExpression[Any]:
    """Return the order of a list by its id, oldest first."""
    return column.asc().nulls_first()
