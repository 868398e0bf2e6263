"""Choosing an engine: the operator's order or weights, among those that are open and well.

The breaker: an engine that did not take a job rests, longer after each failure in a row. After its
rest one job is its probe; meanwhile the others still leave it alone. Whatever it takes makes it
well again. Only an engine's own trouble counts: a job that it refuses for what the job says does
not.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import sqlalchemy as sa

from hinode.core.catalog.types import Model, Route
from hinode.core.engines import repository
from hinode.core.engines.types import AdminState, EngineFailure, EngineState

MIN_COOLDOWN = timedelta(seconds=2)
MAX_COOLDOWN = timedelta(minutes=5)
PROBE_TIMEOUT = timedelta(seconds=30)
"""How long a probe may take before another job may be one."""


def choose(conn: sa.Connection, model: Model, now: datetime) -> str:
    """Return the engine for a new job of a model: the best there is, even if none is well."""
    if len(model.routes) < 2:
        return model.engine
    states = repository.states(conn, [route.engine for route in model.routes])
    ready = [one for one in model.routes if _accepts_new(states[one.engine], now)]
    if ready:
        return _pick(ready, model)
    # All rest: the job waits for the one that the operator wants most.
    open_ones = [one for one in model.routes if states[one.engine].admin_state is AdminState.OPEN]
    return (open_ones or list(model.routes))[0].engine


def choose_other(conn: sa.Connection, model: Model, engine: str, now: datetime) -> str | None:
    """Return another engine that may take a job at once, or None."""
    routes = [route for route in model.routes if route.engine != engine]
    states = repository.states(conn, [route.engine for route in routes])
    ready = [one for one in routes if _accepts_new(states[one.engine], now)]
    return _pick(ready, model) if ready else None


def may_start(conn: sa.Connection, engine: str, now: datetime) -> bool:
    """Say whether a queued job may be handed to its engine now; claims the probe if it is one."""
    state = repository.states(conn, [engine])[engine]
    if state.is_unavailable(now):
        return False
    return state.failures == 0 or repository.claim_probe(conn, state, now + PROBE_TIMEOUT)


def record_failure(conn: sa.Connection, engine: str, failure: EngineFailure, now: datetime) -> None:
    """Note that an engine did not take a job, through no fault of the job's.

    It rests as long as it asked for, and at least as long as its failures in a row say. Many jobs
    may be on their way when it goes away: those that began before the last failure was noted tell
    of the same trouble, and count no more.
    """
    state = repository.lock(conn, engine)
    requested = timedelta(seconds=min(failure.retry_after or 0.0, MAX_COOLDOWN.total_seconds()))
    if state.failed_at is not None and failure.started_at <= state.failed_at:
        repository.extend_cooldown(conn, engine, now + requested)
        return
    until = now + max(requested, cooldown_after(state.failures + 1))
    repository.record_failure(conn, engine, now, until, failure.reason)


def probe_inconclusive(
    conn: sa.Connection, engine: str, started_at: datetime, now: datetime
) -> None:
    """Note that a job that was begun at ``started_at`` ended without a word about its engine.

    If it was the probe, the next job may be one at once.
    """
    state = repository.states(conn, [engine])[engine]
    since, until = state.failed_at, state.cooldown_until
    # A failure, or a wish to be left alone, that came after it holds.
    if (
        since is not None
        and until is not None
        and since < started_at
        and now < until <= started_at + PROBE_TIMEOUT
    ):
        repository.claim_probe(conn, state, now)


def record_success(conn: sa.Connection, engine: str) -> None:
    """Note that an engine took a job."""
    repository.record_success(conn, engine)


def cooldown_after(failures: int) -> timedelta:
    """Return how long an engine rests after so many failures in a row."""
    return min(MAX_COOLDOWN, MIN_COOLDOWN * float(2 ** min(failures - 1, 10)))


def _accepts_new(state: EngineState, now: datetime) -> bool:
    return state.admin_state is AdminState.OPEN and not state.in_cooldown(now)


def _pick(ready: list[Route], model: Model) -> str:
    if not model.by_weight:
        return ready[0].engine
    return random.choices(ready, [one.weight for one in ready])[0].engine
