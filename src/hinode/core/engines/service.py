"""Choose engines by the operator's order or weights, with a circuit breaker for each engine.

An engine that fails to accept a job gets a cooldown, with exponential backoff over consecutive
failures. After the cooldown one job is the probe while the others still wait; an accepted job
resets the failures. A job that is rejected for its content does not count as a failure.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import sqlalchemy as sa

from hinode.core.catalog.types import Model, Route
from hinode.core.engines import repository
from hinode.core.engines.types import CLOCK_SLACK, AdminState, EngineFailure, EngineState
from hinode.core.errors import ErrorCode, HinodeError

MIN_COOLDOWN = timedelta(seconds=2)
MAX_COOLDOWN = timedelta(minutes=5)
PROBE_TIMEOUT = timedelta(seconds=30)
"""Time after which another job may be the probe."""
_NO_WORKER_RETRY_SECONDS = 60


def choose(
    conn: sa.Connection, model: Model, now: datetime, absent: frozenset[str] = frozenset()
) -> str:
    """Return the engine for a new job of a model; the preferred one if all are in a cooldown.

    Raises :class:`HinodeError` when all are ``absent``: no living worker offers them.
    """
    if absent.issuperset(model.engine_names):
        raise _no_worker(model)
    if len(model.routes) < 2:
        return model.engine
    routes = [one for one in model.routes if one.engine not in absent]
    states = repository.states(conn, [route.engine for route in routes])
    ready = [one for one in routes if _accepts_new(states[one.engine], now)]
    if ready:
        return _pick(ready, model)
    # All are in a cooldown: the job waits for the one that the operator lists first.
    open_ones = [one for one in routes if states[one.engine].admin_state is AdminState.OPEN]
    return (open_ones or routes)[0].engine


def choose_other(conn: sa.Connection, model: Model, engine: str, now: datetime) -> str | None:
    """Return another engine that accepts a job at once, or None."""
    routes = [route for route in model.routes if route.engine != engine]
    states = repository.states(conn, [route.engine for route in routes])
    ready = [one for one in routes if _accepts_new(states[one.engine], now)]
    return _pick(ready, model) if ready else None


def may_start(conn: sa.Connection, engine: str, now: datetime) -> bool:
    """Return whether a queued job may be submitted now.

    After failures only the job that claims the probe may; True means that it is claimed.
    """
    state = repository.states(conn, [engine])[engine]
    if state.is_unavailable(now):
        return False
    return state.failures == 0 or repository.claim_probe(conn, state, now + PROBE_TIMEOUT)


def record_failure(conn: sa.Connection, engine: str, failure: EngineFailure, now: datetime) -> None:
    """Record that an engine failed to accept a job, and start its cooldown.

    The cooldown is the longer of the engine's ``retry_after`` and the backoff. Many jobs may be
    in flight when an engine fails: a failure of a job that was started before the last recorded
    failure is the same one and does not count again.
    """
    state = repository.lock(conn, engine)
    requested = timedelta(seconds=min(failure.retry_after or 0.0, MAX_COOLDOWN.total_seconds()))
    if state.failed_at is not None and failure.started_at <= state.failed_at <= now + CLOCK_SLACK:
        repository.extend_cooldown(conn, engine, now + requested)
        return
    until = now + max(requested, cooldown_after(state.failures + 1))
    repository.record_failure(conn, engine, now, until, failure.reason)


def probe_inconclusive(
    conn: sa.Connection, engine: str, started_at: datetime, now: datetime
) -> None:
    """Record that a job started at ``started_at`` ended without a result about its engine.

    It was canceled, for example. If it was the probe, the cooldown ends now, so that the next job
    can be the probe without waiting for ``PROBE_TIMEOUT``.
    """
    state = repository.states(conn, [engine])[engine]
    since, until = state.failed_at, state.cooldown_until
    # A failure or a cooldown that was recorded after the job started stays.
    if (
        since is not None
        and until is not None
        and since < started_at
        and now < until <= started_at + PROBE_TIMEOUT
    ):
        repository.claim_probe(conn, state, now)


def record_success(conn: sa.Connection, engine: str) -> None:
    """Record that an engine accepted a job."""
    repository.record_success(conn, engine)


def cooldown_after(failures: int) -> timedelta:
    """Return the cooldown after ``failures`` consecutive failures: exponential backoff, bounded."""
    return min(MAX_COOLDOWN, MIN_COOLDOWN * float(2 ** min(failures - 1, 10)))


def _no_worker(model: Model) -> HinodeError:
    return HinodeError(
        ErrorCode.NO_WORKER,
        f"No worker renders the model '{model.id}' now.",
        param="model",
        hint="Try again later, or use another model.",
        retry_after=_NO_WORKER_RETRY_SECONDS,
    )


def _accepts_new(state: EngineState, now: datetime) -> bool:
    return state.admin_state is AdminState.OPEN and not state.in_cooldown(now)


def _pick(ready: list[Route], model: Model) -> str:
    if not model.by_weight:
        return ready[0].engine
    return random.choices(ready, [one.weight for one in ready])[0].engine
