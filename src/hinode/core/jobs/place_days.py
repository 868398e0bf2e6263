"""Usage of all accounts by day, model and engine, kept for the operator's reports.

A job changes it by a row of its own, in its transaction, so that jobs of all accounts do not wait
for one row. A chore adds these rows to the sums; a report reads both in one statement, so at one
moment, and is exact at all times.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import sqlalchemy as sa

from hinode.core.jobs.tables import place_day_changes, place_days
from hinode.db.compiled_statement import CompiledStatement, adding_to
from hinode.kit.ids import new_id

CHANGES_AT_ONCE = 2_000
"""Changes that are added to the sums in one transaction."""

_SUMS = ("jobs", "completed", "failed", "credits")
_OF = tuple(column.name for column in place_days.primary_key)
_CHANGE = CompiledStatement(place_day_changes.insert())
_ADD = CompiledStatement(adding_to(place_days))


def record(conn: sa.Connection, model: str, engine: str, **sums: int) -> None:
    """Change the sums of a ``day`` since 1970 (UTC)."""
    _CHANGE.run(conn, id=new_id(), model=model, engine=engine, **sums)


def are_changed(conn: sa.Connection) -> bool:
    """Return whether there are changes to add up."""
    return conn.scalar(sa.select(place_day_changes.c.id).limit(1)) is not None


def add_up(conn: sa.Connection) -> int:
    """Add some of the changes to the sums, the oldest first; return their number.

    Safe to run in several processes at once.
    """
    oldest = sa.select(place_day_changes.c.id).order_by(place_day_changes.c.id)
    some = oldest.limit(CHANGES_AT_ONCE).with_for_update(skip_locked=True)
    taken = place_day_changes.delete().where(place_day_changes.c.id.in_(some))
    rows = conn.execute(taken.returning(place_day_changes)).mappings().all()
    added: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for row in rows:
        added[tuple(row[one] for one in _OF)].update({one: row[one] for one in _SUMS})
    # In one order: two processes must not wait for each other's rows.
    for of, sums in sorted(added.items()):
        _ADD.run(conn, **dict(zip(_OF, of, strict=True)), **sums)
    return len(rows)


def everything() -> sa.Subquery:
    """Return the query for all sums and the changes that are not in them yet."""
    names = (*_OF, *_SUMS)
    parts = (sa.select(*(one.c[name] for name in names)) for one in (place_days, place_day_changes))
    return sa.union_all(*parts).subquery("place_usage")
