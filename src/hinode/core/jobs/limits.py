"""Check that one more job is within the limits of its key, its account and the queue.

In a create they run after the job's credit hold. The hold locks the account's balance until the end
of the transaction, so no other one can create a job of the account, and the counts cannot change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from hinode.core.auth import repository as keys
from hinode.core.auth.types import Caller
from hinode.core.catalog.types import Model, ResolvedRequest
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import accounting
from hinode.core.jobs.quota import VideoQuota, quota_of
from hinode.media.types import MediaKind

MAX_RETRY_AFTER_S = 120
"""Maximum ``Retry-After`` in seconds, also of limits that last longer."""

BUSY_RETRY_AFTER_S = 15
"""``Retry-After`` in seconds when a job must end first; its end cannot be predicted."""


@dataclass(frozen=True, slots=True)
class JobLimits:
    """The server's limits of jobs.

    ``queue_timeout`` runs from the create, ``run_timeout`` from each start or resume, and
    ``run_timeouts`` in its place at engines with one of their own. ``retention`` is the time
    for which files are kept, None: forever. ``max_unfinished`` limits the unfinished jobs of an
    account, ``max_queued`` the queued jobs of one engine; 0: no limit.
    """

    queue_timeout: timedelta
    run_timeout: timedelta
    retention: timedelta | None
    max_unfinished: int = 0
    max_queued: int = 0
    run_timeouts: Mapping[str, timedelta] = field(default_factory=dict)

    def run_timeout_at(self, engine: str) -> timedelta:
        """Return the time in which a job must end after its start at an engine."""
        return self.run_timeouts.get(engine, self.run_timeout)


def check_model(caller: Caller, model: Model) -> None:
    """Raise :class:`HinodeError` when the caller's key may not use the model."""
    allowed = caller.limits.models
    if allowed and not {model.id, model.alias_of} & set(allowed):
        raise HinodeError(
            ErrorCode.MODEL_NOT_ALLOWED,
            f"This API key may not use the model '{model.id}'.",
            param="model",
            hint=f"Allowed models: {', '.join(allowed)}.",
        )


def check_queue(conn: sa.Connection, engine: str, most: int) -> None:
    """Raise :class:`HinodeError` when an engine has ``most`` queued jobs; 0: no limit.

    Concurrent creates of other accounts do not see each other, so a queue may exceed the limit by
    a few jobs.
    """
    if not most:
        return
    queued, _ = accounting.unfinished_by_engine(conn).get(engine, (0, 0))
    if queued >= most:
        raise HinodeError(
            ErrorCode.OVERLOADED,
            f"The queue is full: {most} job(s) are waiting.",
            hint="Try again later.",
            retry_after=BUSY_RETRY_AFTER_S,
        )


def check_concurrency(conn: sa.Connection, caller: Caller, max_unfinished: int) -> None:
    """Raise :class:`HinodeError` when the account or the key has its maximum of unfinished jobs.

    ``max_unfinished`` is the server's limit of an account; 0: no limit.
    """
    of_plan = caller.plan.max_unfinished if caller.plan is not None else 0
    if of_plan or max_unfinished:
        found = accounting.unfinished_of_account(conn, caller.account_id)
        if of_plan:
            _reject_if_over_plan(found, of_plan)
        if max_unfinished:
            _reject_if_over_limit(found, max_unfinished, "account")
    of_key = caller.limits.max_unfinished
    if of_key is not None and caller.key_id is not None:
        _reject_if_over_limit(keys.unfinished(conn, caller.key_id), of_key, "API key")


def check_daily_quota(
    conn: sa.Connection, caller: Caller, resolved: ResolvedRequest, now: datetime, *, held: bool
) -> None:
    """Raise :class:`HinodeError` when the job has more videos than the plan has left for the day.

    If the hold of the job was taken before, its price is added back to the credits of the error.
    """
    if caller.plan is None or resolved.model.kind is not MediaKind.VIDEO:
        return
    quota = quota_of(conn, caller.account_id, caller.plan, resolved.price, now)
    if quota.plan_remaining is not None and quota.plan_remaining < resolved.plan.outputs:
        if held and quota.credits is not None:
            quota = replace(quota, credits=quota.credits + resolved.price)
        raise quota_exceeded(quota)


def quota_exceeded(quota: VideoQuota) -> HinodeError:
    """Return the error for a video above the plan's daily limit or the account's credits.

    Its ``details`` are the fields of ``rate_limit_and_credit_balance`` in the Sora dialect.
    """
    if quota.is_exhausted and quota.plan_remaining != 0:
        return HinodeError(
            ErrorCode.QUOTA_EXHAUSTED,
            "Your credits are used up.",
            hint="Ask the operator for credits.",
            details=quota.rate_limit_fields(),
        )
    return HinodeError(
        ErrorCode.QUOTA_EXHAUSTED,
        f"Your plan has {quota.plan_remaining} video(s) left in these 24 hours."
        if quota.plan_remaining
        else "Your plan's videos of the last 24 hours are used up.",
        hint="Wait until the oldest one is 24 hours old.",
        retry_after=min(MAX_RETRY_AFTER_S, max(1, quota.resets_in_s)),
        details=quota.rate_limit_fields(),
    )


def check_spend(conn: sa.Connection, caller: Caller, price: int, now: datetime) -> None:
    """Raise :class:`HinodeError` when a job of this price exceeds a spend limit of the key."""
    limits = caller.limits
    spend_limits = (limits.spend_hour, limits.spend_day, limits.spend_total)
    if caller.key_id is not None and spend_limits != (None, None, None):
        _reject_if_over_spend_limit(spend_limits, _spent(conn, caller, caller.key_id, now), price)


def _reject_if_over_spend_limit(
    spend_limits: tuple[int | None, int | None, int | None], found: tuple[int, int, int], price: int
) -> None:
    for limit, spent, words in zip(
        spend_limits, found, ("in an hour", "in a day", "in total"), strict=True
    ):
        if limit is not None and spent + price > limit:
            raise HinodeError(
                ErrorCode.SPEND_LIMIT,
                f"The spend limit of this API key is {limit} credits {words}; {spent} are spent,"
                f" and this job costs {price}.",
                hint="Ask the operator to raise the limit, or wait.",
                retry_after=MAX_RETRY_AFTER_S,
            )


def _spent(
    conn: sa.Connection, caller: Caller, key_id: UUID, now: datetime
) -> tuple[int, int, int]:
    """Return the credits of a key's jobs in the last hour, in the last 24 hours and in total.

    A sum without a limit is not queried and is 0.
    """
    limits = caller.limits
    ever = 0 if limits.spend_total is None else keys.spent(conn, key_id)
    if limits.spend_hour is None and limits.spend_day is None:
        return 0, 0, ever
    spend = accounting.spend_of_key(conn, key_id, now)
    return spend.in_hour, spend.in_day, ever


def _reject_if_over_plan(found: int, most: int) -> None:
    """Raise the error whose text and ``num_tasks`` clients of the Sora backend recognise."""
    if found >= most:
        raise HinodeError(
            ErrorCode.TOO_MANY_JOBS,
            f"You already have {most} generations in progress; your plan allows no more at once.",
            hint="Wait for one to end, or cancel one.",
            retry_after=BUSY_RETRY_AFTER_S,
            details={"num_tasks": most},
        )


def _reject_if_over_limit(found: int, most: int, whose: str) -> None:
    if found >= most:
        raise HinodeError(
            ErrorCode.TOO_MANY_JOBS,
            f"This {whose} has {most} unfinished job(s), which is its limit.",
            hint="Wait for one to end, or cancel one.",
            retry_after=BUSY_RETRY_AFTER_S,
        )
