"""Reading and writing the state of engines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from hinode.studio.routing.tables import engine_states
from hinode.studio.routing.types import Duty, EngineState

_WELL: dict[str, object] = {
    "failures": 0,
    "failed_at": None,
    "resting_until": None,
    "reason": None,
}


def states(conn: sa.Connection, names: Iterable[str]) -> Mapping[str, EngineState]:
    """Return the state of each named engine."""
    wanted = list(names)
    rows = conn.execute(engine_states.select().where(engine_states.c.name.in_(wanted)))
    found = {row.name: _state(row) for row in rows}
    return {name: found.get(name, EngineState(name)) for name in wanted}


def locked(conn: sa.Connection, name: str) -> EngineState:
    """Return the state of an engine that nobody else changes until the transaction ends."""
    _ensure(conn, name)
    query = engine_states.select().where(engine_states.c.name == name).with_for_update()
    return _state(conn.execute(query).one())


def set_duty(conn: sa.Connection, name: str, duty: Duty) -> None:
    """Write down what the operator wants; an opened engine begins anew."""
    _ensure(conn, name)
    values: dict[str, object] = {"duty": duty.value}
    if duty is Duty.OPEN:
        values |= _WELL
    conn.execute(engine_states.update().where(engine_states.c.name == name).values(values))


def note_failure(conn: sa.Connection, name: str, now: datetime, until: datetime, why: str) -> None:
    """Count a failure of a locked engine and let it rest."""
    conn.execute(
        engine_states.update()
        .where(engine_states.c.name == name)
        .values(
            failures=engine_states.c.failures + 1,
            failed_at=now,
            resting_until=until,
            reason=why[:300],
        )
    )


def rest_on(conn: sa.Connection, name: str, until: datetime) -> None:
    """Let an engine that rests do so at least until then."""
    rests_less = engine_states.c.resting_until < until
    conn.execute(
        engine_states.update()
        .where(engine_states.c.name == name, rests_less)
        .values(resting_until=until)
    )


def note_success(conn: sa.Connection, name: str) -> None:
    """Forget the failures of an engine."""
    conn.execute(engine_states.update().where(engine_states.c.name == name).values(_WELL))


def claim_probe(conn: sa.Connection, state: EngineState, until: datetime) -> bool:
    """Be the one that tries an engine after its rest; False when somebody else is."""
    claimed = conn.execute(
        engine_states.update()
        .where(
            engine_states.c.name == state.name,
            engine_states.c.resting_until == state.resting_until,
        )
        .values(resting_until=until)
    )
    return claimed.rowcount == 1


def _ensure(conn: sa.Connection, name: str) -> None:
    known = conn.scalar(sa.select(engine_states.c.name).where(engine_states.c.name == name))
    if known is None:
        # Two servers may note the first failure of an engine at once.
        try:
            with conn.begin_nested():
                conn.execute(
                    engine_states.insert().values(name=name, duty=Duty.OPEN.value, failures=0)
                )
        except sa.exc.IntegrityError:
            return


def _state(row: sa.Row[tuple[object, ...]]) -> EngineState:
    return EngineState(
        row.name, Duty(row.duty), row.failures, row.failed_at, row.resting_until, row.reason
    )
