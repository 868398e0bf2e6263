"""Lease accounts to jobs; cool accounts down and quarantine them after failures.

Among the accounts with a free slot the one with the fewest jobs is chosen, and among equals the
least recently used. A job keeps its lease until it ends; leases of ended jobs do not count, even
before the cleanup deletes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.types import Plan
from hinode.core.upstreams import account_selection, repository
from hinode.core.upstreams.account_selection import Candidate
from hinode.core.upstreams.types import (
    MAX_COOLDOWN,
    PRO_PLANS,
    UpstreamAccount,
    UpstreamAccountState,
    is_cooling_down,
    is_email,
)
from hinode.media.types import MediaKind
from hinode.upstream_accounts import (
    AccountInfo,
    AccountLease,
    LeaseRequest,
    LeaseUnavailable,
    UnavailableReason,
)

FIRST_COOLDOWN = timedelta(seconds=5)
_MAX_RESET = timedelta(days=366)
_MAX_VIDEOS = 1_000_000
_REASON_CHARACTERS = 300


def acquire(
    conn: sa.Connection, engine: str, job_id: UUID, request: LeaseRequest, now: datetime
) -> AccountLease | LeaseUnavailable:
    """Lease an account to a job; return its existing lease, or the reason why none is free."""
    held = repository.lease_of(conn, job_id)
    if held is not None:
        if repository.is_of(conn, held.account_id, engine):
            return held
        # The lease is of another engine, from before the job was moved; its remote id is unknown
        # at this one. If it was sent, the job may have been accepted there, so no second account
        # is leased.
        if held.sent:
            return replace(held, remote_id=None)
        repository.delete_lease(conn, job_id)
    repository.lock(conn, engine)
    chosen = account_selection.least_busy(conn, engine, request, now)
    if chosen is None:
        return explain_unavailable(
            account_selection.candidates(conn, engine, request), request, now
        )
    lease = AccountLease(job_id, chosen.account_id, request.kind)
    repository.insert_lease(conn, lease, now)
    repository.change(conn, chosen.account_id, use_order=chosen.use_order, last_used_at=now)
    return lease


def explain_unavailable(
    wanted: Sequence[Candidate], request: LeaseRequest, now: datetime
) -> LeaseUnavailable:
    """Return the reason why none of the accounts takes a job, and the seconds until one may."""
    if not wanted:
        return LeaseUnavailable(UnavailableReason.NOBODY)
    fit = [one for one in wanted if one.plan in PRO_PLANS] if request.pro else wanted
    if not fit:
        return LeaseUnavailable(UnavailableReason.PLAN)
    seconds = min((_wakes(one, request.kind, now) - now).total_seconds() for one in fit)
    if seconds <= 0:
        return LeaseUnavailable(UnavailableReason.FULL)
    quota = request.kind is MediaKind.VIDEO and all(one.is_out_of_quota(now) for one in fit)
    return LeaseUnavailable(
        UnavailableReason.QUOTA if quota else UnavailableReason.COOLDOWN, seconds
    )


def cooldown_after(failures: int) -> timedelta:
    """Return the cooldown after ``failures`` consecutive failures: exponential backoff, bounded."""
    return min(MAX_COOLDOWN, FIRST_COOLDOWN * float(2 ** min(failures - 1, 12)))


def record_failure(conn: sa.Connection, account_id: UUID, reason: str, now: datetime) -> None:
    """Count a failure of the account and extend its cooldown."""
    account = repository.find(conn, account_id)
    if account is not None:
        failures = account.failures + 1
        until = now + cooldown_after(failures)
        _extend_cooldown(conn, account, until, reason, now, failures=failures)


def cool_down(
    conn: sa.Connection, account_id: UUID, seconds: float, reason: str, now: datetime
) -> None:
    """Extend an account's cooldown by up to ``MAX_COOLDOWN`` without counting a failure."""
    account = repository.find(conn, account_id)
    if account is not None:
        longest = MAX_COOLDOWN.total_seconds()
        until = now + timedelta(seconds=min(seconds, longest))
        _extend_cooldown(conn, account, until, reason, now)


def _extend_cooldown(
    conn: sa.Connection,
    account: UpstreamAccount,
    until: datetime,
    reason: str,
    now: datetime,
    **more: object,
) -> None:
    """Extend the cooldown; it is never shortened, because several jobs may report one failure."""
    if account.cooldown_until is not None and is_cooling_down(account.cooldown_until, now):
        until = max(until, account.cooldown_until)
    short = reason[:_REASON_CHARACTERS]
    repository.change(conn, account.id, cooldown_until=until, reason=short, **more)


def info_columns(info: AccountInfo, now: datetime) -> dict[str, object]:
    """Return the columns of what a server reported of an account, limited to valid ranges."""
    values: dict[str, object] = {"checked_at": now} if info.plan else {}
    if info.email is not None and is_email(info.email):
        values["email"] = info.email.lower()
    if info.plan is not None:
        values["plan"] = Plan(info.plan).value
    if info.videos_left is not None:
        values["videos_left"] = max(0, min(info.videos_left, _MAX_VIDEOS))
        values["resets_at"] = _reset(info.resets_in, now)
    return values


def _reset(seconds: float | None, now: datetime) -> datetime | None:
    if seconds is None:
        return None
    return now + timedelta(seconds=max(0.0, min(seconds, _MAX_RESET.total_seconds())))


def quarantine(conn: sa.Connection, account_id: UUID, reason: str) -> None:
    """Quarantine an account until the operator repairs it; a disabled one stays disabled."""
    account = repository.find(conn, account_id)
    if account is not None:
        state = (
            account.state
            if account.state is UpstreamAccountState.DISABLED
            else UpstreamAccountState.QUARANTINED
        )
        repository.change(conn, account_id, state=state.value, reason=reason[:_REASON_CHARACTERS])


def _wakes(account: Candidate, kind: MediaKind, now: datetime) -> datetime:
    """Return the time from which an account can take jobs: now, or later."""
    moments = [now]
    if account.cooldown_until is not None and is_cooling_down(account.cooldown_until, now):
        moments.append(account.cooldown_until)
    if kind is MediaKind.VIDEO and account.is_out_of_quota(now):
        moments.append(account.resets_at or now + MAX_COOLDOWN)
    return max(moments)
