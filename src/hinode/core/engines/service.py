"""Choose engines by the operator's order or weights, with a circuit breaker for each engine.

An engine that fails to accept a job gets a cooldown, with exponential backoff over consecutive
failures. After the cooldown one job is the probe while the others still wait; an accepted job
resets the failures. A job that is rejected for its content does not count as a failure.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from hinode.core.catalog.types import Route
from hinode.core.engines import repository
from hinode.core.engines.types import CLOCK_SLACK, AdminState, EngineFailure, EngineState

MIN_COOLDOWN = timedelta(seconds=2)
MAX_COOLDOWN = timedelta(minutes=5)
PROBE_TIMEOUT = timedelta(seconds=30)
"""Time after which another job may be the probe."""


def preferred(
    conn: sa.Connection,
    routes: Sequence[Route],
    now: datetime,
    *,
    by_weight: bool,
    absent: frozenset[str] = frozenset(),
) -> list[Route]:
    """Return the routes for a new job, the best first; none of those that are ``absent``.

    No living worker offers an absent engine. Engines that accept no jobs now are last: the job
    waits for the one that the operator lists first. An overflow route is there only if there is no
    other.
    """
    here = [one for one in routes if one.engine not in absent]
    usual = [one for one in here if one.overflow_after is None] or here
    if len(usual) < 2:
        return usual
    states = repository.states(conn, [one.engine for one in usual])
    ready = [one for one in usual if _accepts_new(states[one.engine], now)]
    others = [one for one in usual if one not in ready]
    others.sort(key=lambda one: states[one.engine].admin_state is not AdminState.OPEN)
    return [*(_shuffled(ready) if by_weight else ready), *others]


def ready(
    conn: sa.Connection, routes: Sequence[Route], now: datetime, *, by_weight: bool
) -> list[Route]:
    """Return the routes whose engines accept jobs at once, the best first."""
    states = repository.states(conn, [one.engine for one in routes])
    found = [one for one in routes if _accepts_new(states[one.engine], now)]
    return _shuffled(found) if by_weight else found


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


def _accepts_new(state: EngineState, now: datetime) -> bool:
    return state.admin_state is AdminState.OPEN and not state.in_cooldown(now)


def _shuffled(routes: list[Route]) -> list[Route]:
    """Return the routes in a random order in which each is first as often as its weight says."""
    return sorted(routes, key=lambda one: random.expovariate(one.weight))
