"""Statements on the state of engines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from hinode.core.engines.tables import engine_states
from hinode.core.engines.types import AdminState, EngineState

_HEALTHY: dict[str, object] = {
    "failures": 0,
    "failed_at": None,
    "cooldown_until": None,
    "reason": None,
}


def states(conn: sa.Connection, names: Iterable[str]) -> Mapping[str, EngineState]:
    """Return the state of each named engine; the default for one without a row."""
    wanted = list(names)
    rows = conn.execute(engine_states.select().where(engine_states.c.name.in_(wanted)))
    found = {row.name: _state(row) for row in rows}
    return {name: found.get(name, EngineState(name)) for name in wanted}


def lock(conn: sa.Connection, name: str) -> EngineState:
    """Return the state of an engine and lock its row until the transaction ends."""
    _ensure(conn, name)
    query = engine_states.select().where(engine_states.c.name == name).with_for_update()
    return _state(conn.execute(query).one())


def set_admin_state(conn: sa.Connection, name: str, admin_state: AdminState) -> None:
    """Set the administrative state; opening clears failures and cooldown."""
    _ensure(conn, name)
    values: dict[str, object] = {"admin_state": admin_state.value}
    if admin_state is AdminState.OPEN:
        values |= _HEALTHY
    conn.execute(engine_states.update().where(engine_states.c.name == name).values(values))


def record_failure(
    conn: sa.Connection, name: str, now: datetime, until: datetime, why: str
) -> None:
    """Count a failure of an engine and set its cooldown; the caller holds its :func:`lock`."""
    conn.execute(
        engine_states.update()
        .where(engine_states.c.name == name)
        .values(
            failures=engine_states.c.failures + 1,
            failed_at=now,
            cooldown_until=until,
            reason=why[:300],
        )
    )


def extend_cooldown(conn: sa.Connection, name: str, until: datetime) -> None:
    """Extend a cooldown to ``until``; a later end is unchanged."""
    ends_earlier = engine_states.c.cooldown_until < until
    conn.execute(
        engine_states.update()
        .where(engine_states.c.name == name, ends_earlier)
        .values(cooldown_until=until)
    )


def record_success(conn: sa.Connection, name: str) -> None:
    """Clear the failures and the cooldown of an engine."""
    conn.execute(engine_states.update().where(engine_states.c.name == name).values(_HEALTHY))


def claim_probe(conn: sa.Connection, state: EngineState, until: datetime) -> bool:
    """Claim the probe of an engine after its cooldown; False when another job has it.

    Compare-and-set on ``cooldown_until``: of the jobs that read the same state, one is the probe,
    and the others wait until ``until``.
    """
    claimed = conn.execute(
        engine_states.update()
        .where(
            engine_states.c.name == state.name,
            engine_states.c.cooldown_until == state.cooldown_until,
        )
        .values(cooldown_until=until)
    )
    return claimed.rowcount == 1


def record_offers(conn: sa.Connection, offered: Mapping[str, str], now: datetime) -> None:
    """Record that a living worker offers these engines at ``now``, with their capabilities."""
    for name, capabilities in sorted(offered.items()):
        _ensure(conn, name)
        conn.execute(
            engine_states.update()
            .where(engine_states.c.name == name)
            .values(offered_at=now, capabilities=capabilities)
        )


def published_capabilities(conn: sa.Connection) -> dict[str, str]:
    """Return the capabilities of each engine that was ever offered, as JSON."""
    columns = sa.select(engine_states.c.name, engine_states.c.capabilities)
    rows = conn.execute(columns.where(engine_states.c.capabilities.is_not(None)))
    return {row.name: row.capabilities for row in rows}


def offers(conn: sa.Connection) -> dict[str, datetime]:
    """Return the time of the last offer of each engine that was ever offered."""
    columns = sa.select(engine_states.c.name, engine_states.c.offered_at)
    rows = conn.execute(columns.where(engine_states.c.offered_at.is_not(None)))
    return {row.name: row.offered_at for row in rows}


def _ensure(conn: sa.Connection, name: str) -> None:
    known = conn.scalar(sa.select(engine_states.c.name).where(engine_states.c.name == name))
    if known is None:
        # Another server may insert the row at the same time; the savepoint keeps the transaction.
        try:
            with conn.begin_nested():
                conn.execute(
                    engine_states.insert().values(
                        name=name, admin_state=AdminState.OPEN.value, failures=0
                    )
                )
        except sa.exc.IntegrityError:
            return


def _state(row: sa.Row[tuple[object, ...]]) -> EngineState:
    return EngineState(
        row.name,
        AdminState(row.admin_state),
        row.failures,
        row.failed_at,
        row.cooldown_until,
        row.reason,
        row.offered_at,
    )
