"""Choose the route of a new job, or another one for a job that moves, and take it.

A route that has a limit of credits per day is taken by counting the job's price there in the same
transaction; the rest of the price, or all of it, is given back when the job ends or moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from hinode.core.catalog.types import Model, Route
from hinode.core.engines import daily_credits
from hinode.core.engines import service as engines
from hinode.core.engines.daily_credits import RouteDay
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import repository
from hinode.core.jobs.route_plans import RoutePlan
from hinode.core.jobs.types import Job

_NO_WORKER_RETRY_SECONDS = 60
_USED_UP_RETRY_SECONDS = 120


@dataclass(frozen=True, slots=True)
class TakenRoute:
    """A route that was taken for a job; ``counted_in`` is the day whose credits count it, or None.

    The job waits there for ``delay`` seconds: a route of overflow takes none earlier. At
    ``overflow_at`` it may move to the next such route.
    """

    plan: RoutePlan
    counted_in: RouteDay | None
    delay: float
    overflow_at: datetime | None


def routes_for_new(
    conn: sa.Connection,
    model: Model,
    plans: Sequence[RoutePlan],
    now: datetime,
    absent: frozenset[str],
) -> list[Route]:
    """Return the routes of a model for a new job, the best first.

    Raises :class:`HinodeError` when no living worker offers any of them.
    """
    possible = {one.engine for one in plans}
    routes = [route for route, _ in model.ways if route.engine in possible]
    found = engines.preferred(conn, routes, now, by_weight=model.by_weight, absent=absent)
    if not found:
        raise HinodeError(
            ErrorCode.NO_WORKER,
            f"No worker renders the model '{model.id}' now.",
            param="model",
            hint="Try again later, or use another model.",
            retry_after=_NO_WORKER_RETRY_SECONDS,
        )
    return found


def take_for_new(
    conn: sa.Connection,
    model: Model,
    routes: Iterable[Route],
    plans: Sequence[RoutePlan],
    now: datetime,
) -> TakenRoute:
    """Take the first of the routes that has credits left today.

    Raises :class:`HinodeError` when none has.
    """
    taken = _take_first(conn, model, routes, plans, now, now)
    if taken is None:
        raise _used_up(model)
    return taken


def check_credits_left(
    conn: sa.Connection,
    model: Model,
    routes: Iterable[Route],
    plans: Sequence[RoutePlan],
    now: datetime,
) -> None:
    """Raise :class:`HinodeError` when no route has credits left today; take nothing."""
    prices = {one.engine: one.price for one in plans}
    if not any(_has_credits(conn, model, one, prices[one.engine], now) for one in routes):
        raise _used_up(model)


def other_routes(
    conn: sa.Connection,
    job: Job,
    model: Model,
    plans: Sequence[RoutePlan],
    now: datetime,
    excluded: frozenset[str] = frozenset(),
) -> list[Route]:
    """Return the other routes that accept a job at once and have credits left, the best first.

    Routes of overflow do once the job has waited long enough.
    """
    prices = {one.engine: one.price for one in plans if one.engine not in {job.engine, *excluded}}
    waited = now - job.created_at
    routes = [
        route
        for route, _ in model.ways
        if route.engine in prices and waited >= timedelta(seconds=route.overflow_after or 0)
    ]
    ready = engines.ready(conn, routes, now, by_weight=model.by_weight)
    return [one for one in ready if _has_credits(conn, model, one, prices[one.engine], now)]


def take_other(
    conn: sa.Connection,
    job: Job,
    model: Model,
    routes: Sequence[Route],
    plans: Sequence[RoutePlan],
    now: datetime,
) -> TakenRoute | None:
    """Take the first of other routes that has credits left; None if none has.

    The caller has locked the job.
    """
    if job.counted_in is not None:
        # With the day that the job leaves: its credits are given back in this transaction.
        limited = [one for one in routes if one.credits_per_day is not None]
        days = [RouteDay.at(one.engine, _own_id(model), now) for one in limited]
        daily_credits.lock(conn, [job.counted_in, *days])
    return _take_first(conn, model, routes, plans, now, job.created_at)


def leave_day(conn: sa.Connection, job: Job, *, may_cost: bool) -> None:
    """Give the credits of a job that did not complete back to the day that counts it.

    A job that was sent stays counted if it ``may_cost``: the limit is of what the operator may
    have to pay.
    """
    was_sent = job.started_at is not None
    if job.counted_in is not None and not (may_cost and was_sent):
        daily_credits.give_back(conn, job.counted_in, job.route_price)
        repository.uncount(conn, job.id)


def _has_credits(
    conn: sa.Connection, model: Model, route: Route, price: int, now: datetime
) -> bool:
    if route.credits_per_day is None:
        return True
    at = RouteDay.at(route.engine, _own_id(model), now)
    return daily_credits.used(conn, at) + price <= route.credits_per_day


def _take_first(
    conn: sa.Connection,
    model: Model,
    routes: Iterable[Route],
    plans: Sequence[RoutePlan],
    now: datetime,
    created_at: datetime,
) -> TakenRoute | None:
    by_engine = {one.engine: one for one in plans}
    for route in routes:
        plan, most = by_engine[route.engine], route.credits_per_day
        counted_in = None if most is None else RouteDay.at(route.engine, _own_id(model), now)
        if counted_in and not daily_credits.take(conn, counted_in, plan.price, most or 0):
            continue
        wait = timedelta(seconds=route.overflow_after or 0) - (now - created_at)
        delay = max(0.0, wait.total_seconds())
        return TakenRoute(plan, counted_in, delay, _overflow_at(model, route, plans, created_at))
    return None


def _overflow_at(
    model: Model, here: Route, plans: Iterable[RoutePlan], created_at: datetime
) -> datetime | None:
    """Return when a job at a route may move to the next one of overflow; None without one."""
    possible = {one.engine for one in plans}
    waits = [route.overflow_after or 0 for route, _ in model.ways if route.engine in possible]
    later = [one for one in waits if one > (here.overflow_after or 0)]
    return created_at + timedelta(seconds=min(later)) if later else None


def _own_id(model: Model) -> str:
    return model.alias_of or model.id


def _used_up(model: Model) -> HinodeError:
    return HinodeError(
        ErrorCode.OVERLOADED,
        f"The credits of today for the engines of '{model.id}' are used up.",
        hint="Try again tomorrow (UTC), or use another model.",
        retry_after=_USED_UP_RETRY_SECONDS,
    )
