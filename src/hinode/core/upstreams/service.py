"""Choosing an account for a job, and what an account's good and bad days mean for it.

Of those with a free slot the account with the fewest jobs is chosen, and among equals the one that
was chosen longest ago. A job keeps its account until it ends: leases of jobs that have ended do not
count, whoever forgot to remove them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from hinode.core.upstreams import choosing, repository
from hinode.core.upstreams.choosing import Candidate
from hinode.core.upstreams.types import (
    PRO_PLANS,
    AccountState,
    Learned,
    Lease,
    Need,
    Shortage,
    UpstreamAccount,
    Why,
    is_email,
)
from hinode.media.types import MediaKind

FIRST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=30)
_LONGEST_RESET = timedelta(days=366)
_MOST_VIDEOS = 1_000_000
_REASON_CHARACTERS = 300


def acquire(
    conn: sa.Connection, engine: str, job_id: UUID, need: Need, now: datetime
) -> Lease | Shortage:
    """Give a job an account of an engine, or the one that it has; or say why there is none."""
    held = repository.lease_of(conn, job_id)
    if held is not None:
        if repository.is_of(conn, held.account_id, engine):
            return held
        # The job was at another engine before: what it is called there means nothing here.
        if held.sent:
            return replace(held, remote_id=None)
        repository.delete_lease(conn, job_id)
    repository.lock(conn, engine)
    chosen = choosing.freest(conn, engine, need, now)
    if chosen is None:
        return shortage(choosing.candidates(conn, engine, need), need, now)
    lease = Lease(job_id, chosen.account_id, need.kind)
    repository.insert_lease(conn, lease, now)
    repository.change(conn, chosen.account_id, turn=chosen.turn, last_used_at=now)
    return lease


def shortage(wanted: Sequence[Candidate], need: Need, now: datetime) -> Shortage:
    """Say why none of the accounts that are wanted takes a job."""
    if not wanted:
        return Shortage(Why.NOBODY)
    fit = [one for one in wanted if one.plan in PRO_PLANS] if need.pro else wanted
    if not fit:
        return Shortage(Why.PLAN)
    seconds = min((_wakes(one, need.kind, now) - now).total_seconds() for one in fit)
    if seconds <= 0:
        return Shortage(Why.FULL)
    quota = need.kind is MediaKind.VIDEO and all(one.is_out_of_quota(now) for one in fit)
    return Shortage(Why.QUOTA if quota else Why.RESTING, seconds)


def rest_after(failures: int) -> timedelta:
    """Return how long an account rests after so many failures in a row."""
    return min(LONGEST_REST, FIRST_REST * float(2 ** min(failures - 1, 12)))


def failed(conn: sa.Connection, account_id: UUID, reason: str, now: datetime) -> None:
    """Count an error of an account's own and let it rest, longer each time."""
    account = repository.find(conn, account_id)
    if account is not None:
        failures = account.failures + 1
        _rest(conn, account, now + rest_after(failures), reason, failures=failures)


def pause(
    conn: sa.Connection, account_id: UUID, seconds: float, reason: str, now: datetime
) -> None:
    """Leave an account alone for a while, through no fault of its own."""
    account = repository.find(conn, account_id)
    if account is not None:
        longest = LONGEST_REST.total_seconds()
        _rest(conn, account, now + timedelta(seconds=min(seconds, longest)), reason)


def _rest(
    conn: sa.Connection, account: UpstreamAccount, until: datetime, reason: str, **more: object
) -> None:
    """Let an account rest at least until then: several of its jobs may tell of trouble."""
    until = max(until, account.resting_until or until)
    short = reason[:_REASON_CHARACTERS]
    repository.change(conn, account.id, resting_until=until, reason=short, **more)


def learned_values(learned: Learned, now: datetime) -> dict[str, object]:
    """Return the columns for what a server said of an account, within what they can hold."""
    values: dict[str, object] = {"looked_at": now} if learned.plan else {}
    if learned.email is not None and is_email(learned.email):
        values["email"] = learned.email.lower()
    if learned.plan is not None:
        values["plan"] = learned.plan.value
    if learned.videos_left is not None:
        values["videos_left"] = max(0, min(learned.videos_left, _MOST_VIDEOS))
        values["resets_at"] = _reset(learned.resets_in, now)
    return values


def _reset(seconds: float | None, now: datetime) -> datetime | None:
    if seconds is None:
        return None
    return now + timedelta(seconds=max(0.0, min(seconds, _LONGEST_RESET.total_seconds())))


def set_aside(conn: sa.Connection, account_id: UUID, reason: str) -> None:
    """Use an account no more until the operator mends it; a disabled one stays disabled."""
    account = repository.find(conn, account_id)
    if account is not None:
        state = account.state if account.state is AccountState.DISABLED else AccountState.SET_ASIDE
        repository.change(conn, account_id, state=state.value, reason=reason[:_REASON_CHARACTERS])


def _wakes(account: Candidate, kind: MediaKind, now: datetime) -> datetime:
    """Return when an account can take jobs again: now, or later."""
    moments = [now, account.resting_until or now]
    if kind is MediaKind.VIDEO and account.is_out_of_quota(now):
        moments.append(account.resets_at or now + LONGEST_REST)
    return max(moments)
