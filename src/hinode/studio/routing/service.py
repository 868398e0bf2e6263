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

from hinode.studio.catalog.types import Model, Route
from hinode.studio.routing import repository
from hinode.studio.routing.types import Duty, EngineState, Trouble

FIRST_REST = timedelta(seconds=2)
LONGEST_REST = timedelta(minutes=5)
PROBE = timedelta(seconds=30)
"""How long a probe may take before another job may be one."""


def choose(conn: sa.Connection, model: Model, now: datetime) -> str:
    """Return the engine for a new job of a model: the best there is, even if none is well."""
    if len(model.routes) < 2:
        return model.engine
    states = repository.states(conn, [route.engine for route in model.routes])
    ready = [one for one in model.routes if _takes_new(states[one.engine], now)]
    if ready:
        return _pick(ready, model)
    # All rest: the job waits for the one that the operator wants most.
    open_ones = [one for one in model.routes if states[one.engine].duty is Duty.OPEN]
    return (open_ones or list(model.routes))[0].engine


def other(conn: sa.Connection, model: Model, engine: str, now: datetime) -> str | None:
    """Return another engine that may take a job at once, or None."""
    routes = [route for route in model.routes if route.engine != engine]
    states = repository.states(conn, [route.engine for route in routes])
    ready = [one for one in routes if _takes_new(states[one.engine], now)]
    return _pick(ready, model) if ready else None


def may_start(conn: sa.Connection, engine: str, now: datetime) -> bool:
    """Say whether a queued job may be handed to its engine now; claims the probe if it is one."""
    state = repository.states(conn, [engine])[engine]
    if state.is_closed(now):
        return False
    return state.failures == 0 or repository.claim_probe(conn, state, now + PROBE)


def failed(conn: sa.Connection, engine: str, trouble: Trouble, now: datetime) -> None:
    """Note that an engine did not take a job, through no fault of the job's.

    It rests as long as it asked for, and at least as long as its failures in a row say. Many jobs
    may be on their way when it goes away: those that began before the last failure was noted tell
    of the same trouble, and count no more.
    """
    state = repository.locked(conn, engine)
    asked = timedelta(seconds=min(trouble.rest or 0.0, LONGEST_REST.total_seconds()))
    if state.failed_at is not None and trouble.begun <= state.failed_at:
        repository.rest_on(conn, engine, now + asked)
        return
    until = now + max(asked, rest_after(state.failures + 1))
    repository.note_failure(conn, engine, now, until, trouble.reason)


def unproven(conn: sa.Connection, engine: str, begun: datetime, now: datetime) -> None:
    """Note that a job that was begun at ``begun`` ended without a word about its engine.

    If it was the probe, the next job may be one at once.
    """
    state = repository.states(conn, [engine])[engine]
    since, until = state.failed_at, state.resting_until
    # A failure, or a wish to be left alone, that came after it holds.
    if since is not None and until is not None and since < begun and now < until <= begun + PROBE:
        repository.claim_probe(conn, state, now)


def took(conn: sa.Connection, engine: str) -> None:
    """Note that an engine took a job."""
    repository.note_success(conn, engine)


def rest_after(failures: int) -> timedelta:
    """Return how long an engine rests after so many failures in a row."""
    return min(LONGEST_REST, FIRST_REST * float(2 ** min(failures - 1, 10)))


def _takes_new(state: EngineState, now: datetime) -> bool:
    return state.duty is Duty.OPEN and not state.rests(now)


def _pick(ready: list[Route], model: Model) -> str:
    if not model.by_weight:
        return ready[0].engine
    return random.choices(ready, [one.weight for one in ready])[0].engine
