"""Choosing an account for a job, and what an account's good and bad days mean for it.

Of those with a free slot the account with the fewest jobs is chosen, and among equals the one that
was chosen longest ago. A job keeps its account until it ends: leases of jobs that have ended do not
count, whoever forgot to remove them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from hinode.media.kinds import MediaKind
from hinode.studio.upstreams import repository
from hinode.studio.upstreams.types import (
    PRO_PLANS,
    UNLIMITED,
    AccountState,
    Lease,
    Need,
    Shortage,
    UpstreamAccount,
    Why,
)

FIRST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=30)
_REASON_CHARACTERS = 300


def acquire(
    conn: sa.Connection, engine: str, job_id: UUID, need: Need, now: datetime
) -> Lease | Shortage:
    """Give a job an account of an engine, or the one that it has; or say why there is none."""
    held = repository.lease_of(conn, job_id)
    if held is not None:
        return held
    repository.lock(conn, engine)
    accounts = repository.all_of(conn, engine)
    busy = {
        account_id: count
        for (account_id, kind), count in repository.running(conn, engine).items()
        if kind is need.kind
    }
    chosen = choose(accounts, busy, need, now)
    if isinstance(chosen, Shortage):
        return chosen
    lease = Lease(job_id, chosen.id, need.kind)
    repository.insert_lease(conn, lease, now)
    turn = max(account.turn for account in accounts) + 1
    repository.change(conn, chosen.id, turn=turn, last_used_at=now)
    return lease


def choose(
    accounts: Sequence[UpstreamAccount], busy: Mapping[UUID, int], need: Need, now: datetime
) -> UpstreamAccount | Shortage:
    """Return the account for a job; ``busy`` is how many jobs of its kind each has."""
    ready = [
        one
        for one in accounts
        if one.state is AccountState.READY
        and one.slots.of(need.kind)
        and need.account_id in (None, one.id)
    ]
    if not ready:
        return Shortage(Why.NOBODY)
    fit = [one for one in ready if one.plan in PRO_PLANS] if need.pro else ready
    if not fit:
        return Shortage(Why.PLAN)
    able = [one for one in fit if _is_able(one, need.kind, now)]
    if not able:
        return _later(fit, need.kind, now)
    free = [one for one in able if _has_room(one, busy.get(one.id, 0), need.kind)]
    if not free:
        return Shortage(Why.FULL)
    return min(free, key=lambda one: (busy.get(one.id, 0), one.turn, one.id))


def rest_after(failures: int) -> timedelta:
    """Return how long an account rests after so many failures in a row."""
    return min(LONGEST_REST, FIRST_REST * float(2 ** min(failures - 1, 12)))


def failed(conn: sa.Connection, account_id: UUID, reason: str, now: datetime) -> None:
    """Count an error of an account's own and let it rest, longer each time."""
    account = repository.find(conn, account_id)
    if account is not None:
        failures = account.failures + 1
        repository.change(
            conn,
            account_id,
            failures=failures,
            resting_until=now + rest_after(failures),
            reason=reason[:_REASON_CHARACTERS],
        )


def pause(
    conn: sa.Connection, account_id: UUID, seconds: float, reason: str, now: datetime
) -> None:
    """Leave an account alone for a while, through no fault of its own."""
    until = now + min(timedelta(seconds=seconds), LONGEST_REST)
    repository.change(conn, account_id, resting_until=until, reason=reason[:_REASON_CHARACTERS])


def set_aside(conn: sa.Connection, account_id: UUID, reason: str) -> None:
    """Use an account no more until the operator mends it; a disabled one stays disabled."""
    account = repository.find(conn, account_id)
    if account is not None:
        state = account.state if account.state is AccountState.DISABLED else AccountState.SET_ASIDE
        repository.change(conn, account_id, state=state.value, reason=reason[:_REASON_CHARACTERS])


def _is_able(account: UpstreamAccount, kind: MediaKind, now: datetime) -> bool:
    return _wakes(account, kind, now) <= now


def _wakes(account: UpstreamAccount, kind: MediaKind, now: datetime) -> datetime:
    """Return when an account can take jobs again: now, or later."""
    moments = [now, account.resting_until or now]
    if kind is MediaKind.VIDEO and account.is_out_of_quota(now):
        moments.append(account.resets_at or now + LONGEST_REST)
    return max(moments)


def _later(fit: Sequence[UpstreamAccount], kind: MediaKind, now: datetime) -> Shortage:
    seconds = min((_wakes(one, kind, now) - now).total_seconds() for one in fit)
    quota = kind is MediaKind.VIDEO and all(one.is_out_of_quota(now) for one in fit)
    return Shortage(Why.QUOTA if quota else Why.RESTING, seconds)


def _has_room(account: UpstreamAccount, busy: int, kind: MediaKind) -> bool:
    slots = account.slots.of(kind)
    return slots == UNLIMITED or busy < slots
