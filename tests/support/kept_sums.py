"""Recount the kept sums from the rows that they sum up, and compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from hinode.core.auth.tables import keys
from hinode.core.credits.tables import balances, ledger
from hinode.core.credits.types import LedgerEntryKind
from hinode.core.engines.tables import route_days
from hinode.core.jobs import place_days
from hinode.core.jobs.tables import NO_KEY, jobs, key_spend, unfinished_counts, usage_days
from hinode.core.jobs.types import JobState
from hinode.db.database import Database

_DAY_MS, _MINUTE_MS = 86_400_000, 60_000
_FAILED = (JobState.FAILED, JobState.CANCELED)


def assert_sums_are_exact(db: Database) -> None:
    """Compare every kept sum of every account with its jobs, and of credits with the ledger."""
    with db.read() as conn:
        rows = conn.execute(jobs.select()).all()
        entries = conn.execute(ledger.select()).all()
        kept = {
            "usage": _usage(conn),
            "place_days": _place_days(conn),
            "unfinished": _sums(conn, unfinished_counts, "account_id", "engine", "jobs"),
            "key_spend": _sums(conn, key_spend, "key_id", "minute", "credits"),
            "keys": _pairs(conn, keys, "id", "spent", "unfinished"),
            "credits": _pairs(conn, balances, "account_id", "held", "spent"),
            "balances": _sums(conn, balances, "account_id", "amount"),
            "route_days": _sums(conn, route_days, "engine", "model", "day", "credits"),
        }
    expected = {
        "usage": _usage_of(rows),
        "place_days": _place_days_of(rows),
        "unfinished": _only(Counter(_unfinished(rows, "account_id", "engine"))),
        "key_spend": _key_spend_of(rows),
        "keys": _of_keys(rows),
        "credits": _of_accounts(rows, entries),
        "balances": _balances_of(entries),
        "route_days": _route_days_of(rows),
    }
    wrong = {name: (sums, expected[name]) for name, sums in kept.items() if sums != expected[name]}
    assert not wrong, f"kept, counted anew: {wrong}"


def _usage(conn: sa.Connection) -> Mapping[Any, Any]:
    columns = [one for one in usage_days.c if not one.primary_key]
    rows = conn.execute(sa.select(*usage_days.primary_key, *columns))
    return {tuple(row)[:-4]: tuple(row)[-4:] for row in rows if any(tuple(row)[-4:])}


def _place_days(conn: sa.Connection) -> Mapping[Any, Any]:
    kept = place_days.everything()
    sums = [sa.func.sum(kept.c[name]) for name in ("jobs", "completed", "failed", "credits")]
    of = (kept.c.day, kept.c.model, kept.c.engine)
    rows = [tuple(map(_number, row)) for row in conn.execute(sa.select(*of, *sums).group_by(*of))]
    return {row[:-4]: row[-4:] for row in rows if any(row[-4:])}


def _number(value: Any) -> Any:
    """Return PostgreSQL's decimal sums as the integers that they are."""
    return value if isinstance(value, str) else int(value)


def _sums(conn: sa.Connection, table: sa.Table, *names: str) -> Mapping[Any, int]:
    rows = conn.execute(sa.select(*(table.c[name] for name in names)))
    return _only({tuple(row)[:-1]: row[-1] for row in rows})


def _pairs(conn: sa.Connection, table: sa.Table, *names: str) -> Mapping[Any, Any]:
    rows = conn.execute(sa.select(*(table.c[name] for name in names)))
    return _only({row[0]: tuple(row)[1:] for row in rows})


def _only(sums: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Leave out what is 0: it may have a row or none."""
    return {name: value for name, value in sums.items() if value not in (0, (0, 0))}


def _usage_of(rows: Any) -> Mapping[Any, Any]:
    found: dict[Any, list[int]] = {}
    for job in rows:
        day = int(job.created_at.timestamp() * 1000) // _DAY_MS
        name = (job.account_id, day, job.model, job.key_id or NO_KEY, job.engine)
        sums = found.setdefault(name, [0] * 4)
        ended = (1, job.state == JobState.COMPLETED, job.state in _FAILED, job.charged)
        sums[:] = [a + b for a, b in zip(sums, ended, strict=True)]
    return {name: tuple(sums) for name, sums in found.items()}


def _place_days_of(rows: Any) -> Mapping[Any, Any]:
    found: dict[Any, tuple[int, ...]] = {}
    for (_, day, model, _, engine), sums in _usage_of(rows).items():
        before = found.get((day, model, engine), (0,) * 4)
        found[day, model, engine] = tuple(map(sum, zip(before, sums, strict=True)))
    return found


def _unfinished(rows: Any, *names: str) -> list[Any]:
    return [
        tuple(getattr(job, name) for name in names) for job in rows if not JobState(job.state).ended
    ]


def _key_spend_of(rows: Any) -> Mapping[Any, int]:
    found: Counter[Any] = Counter()
    for job in rows:
        if job.key_id is not None:
            minute = int(job.created_at.timestamp() * 1000) // _MINUTE_MS
            found[job.key_id, minute] += job.charged
    return _only(found)


def _of_keys(rows: Any) -> Mapping[Any, Any]:
    spent: Counter[Any] = Counter()
    for job in rows:
        if job.key_id is not None:
            spent[job.key_id] += job.charged
    unfinished = Counter(one for (one,) in _unfinished(rows, "key_id"))
    return _only({key: (credits, unfinished[key]) for key, credits in spent.items()})


def _of_accounts(rows: Any, entries: Any) -> Mapping[Any, Any]:
    """Return held and spent credits by account, from the ledger alone."""
    held, spent = Counter[Any](), Counter[Any]()
    closed = {one.job_id for one in entries if one.kind in ("settle", "refund")}
    for entry in entries:
        if entry.kind != LedgerEntryKind.GRANT:
            sums = spent if entry.job_id in closed else held
            sums[entry.account_id] -= entry.amount
    charged = Counter[Any]()
    for entry in entries:
        if entry.kind == LedgerEntryKind.SETTLE:
            charged[entry.account_id] += entry.charged
    assert +spent == +charged
    assert sum(held.values()) + sum(spent.values()) == sum(job.charged for job in rows)
    return _only({one: (held[one], spent[one]) for one in {*held, *spent}})


def _balances_of(entries: Any) -> Mapping[Any, int]:
    found: Counter[Any] = Counter()
    for entry in entries:
        found[entry.account_id,] += entry.amount
    return _only(found)


def _route_days_of(rows: Any) -> Mapping[Any, int]:
    """Return the credits of routes with a daily limit.

    They are held ones, charges of completed jobs, and prices of others that may have cost them.
    """
    found: Counter[Any] = Counter()
    for job in rows:
        if job.counted_model is not None:
            credits = job.charged if job.state == JobState.COMPLETED else job.route_price
            found[job.engine, job.counted_model, job.counted_day] += credits
    return _only(found)
