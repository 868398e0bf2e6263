"""The `AccountPool` of an engine: leases, tokens and cooldowns of its accounts in the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from hinode.core.jobs import repository as jobs
from hinode.core.upstreams import leasing, repository
from hinode.core.upstreams.token_encryption import decrypt_tokens, encrypt_tokens
from hinode.core.upstreams.types import UpstreamAccountState
from hinode.kit.clock import Clock
from hinode.kit.jwt_claims import unverified_expiry
from hinode.kit.secret_box import DecryptionError, SecretBox
from hinode.upstream_accounts import (
    AccountInfo,
    AccountLease,
    LeaseRequest,
    LeaseUnavailable,
    TokenSet,
    TokensUnreadable,
)

if TYPE_CHECKING:
    from hinode.db.database import Database

REFRESH_CLAIM_SECONDS = 90.0
"""Time after which another process may claim a refresh: the first one has probably died."""

REFRESH_AHEAD = timedelta(minutes=10)
"""Time before its expiry at which an access token is refreshed."""

CHECK_INTERVAL = timedelta(hours=6)
"""Time after which an account is checked at its server again."""

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")


def _in_thread(
    method: Callable[Concatenate[S, P], R],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]:
    """Run a blocking method in a thread, so that it does not block the engine's event loop."""

    @wraps(method)
    async def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.to_thread(method, self, *args, **kwargs)

    return call


@dataclass(frozen=True, slots=True)
class EngineAccountPool:
    """The accounts of one engine; every method runs one write transaction in a thread."""

    db: Database
    secret_box: SecretBox
    clock: Clock
    engine: str

    @_in_thread
    def acquire(
        self, job_id: UUID, request: LeaseRequest
    ) -> AccountLease | LeaseUnavailable | None:
        """Lease an account to a job, or return its existing lease.

        None when the job has ended or has moved to another engine.
        """
        with self.db.read() as conn:
            job = jobs.find(conn, job_id)
        if job is None or job.state.ended or job.engine != self.engine:
            return None
        now = self.clock.now()
        with self.db.write() as conn:
            return leasing.acquire(conn, self.engine, job_id, request, now)

    @_in_thread
    def mark_sending(self, job_id: UUID) -> None:
        """Record that a job's request is about to be sent.

        Written before the request: after a crash the job counts as sent and is not submitted twice.
        """
        now = self.clock.now()
        with self.db.write() as conn:
            repository.change_lease(conn, job_id, sent_at=now)

    @_in_thread
    def mark_sent(self, lease: AccountLease, remote_id: str) -> None:
        """Record that the server accepted a job, with its id there."""
        with self.db.write() as conn:
            repository.change_lease(conn, lease.job_id, remote_id=remote_id)
            repository.record_accepted(conn, lease.account_id, lease.kind)

    @_in_thread
    def release(self, job_id: UUID) -> None:
        """Delete the lease of a job that was certainly not sent."""
        with self.db.write() as conn:
            repository.delete_lease(conn, job_id)

    @_in_thread
    def tokens(self, account_id: UUID) -> TokenSet | None:
        """Return an account's tokens; None when it was removed.

        Raises :class:`TokensUnreadable` when they were encrypted with another key.
        """
        with self.db.read() as conn:
            found = repository.sealed_tokens(conn, account_id)
        try:
            return None if found is None else decrypt_tokens(self.secret_box, found)
        except DecryptionError as error:
            raise TokensUnreadable(
                "Its tokens were encrypted with another key, which is not in this database: log in "
                "again, or restore the backup that the key belongs to."
            ) from error

    @_in_thread
    def expires_soon(self, account_id: UUID) -> bool:
        """Return whether an account's access token must be refreshed before it is used."""
        with self.db.read() as conn:
            found = repository.find(conn, account_id)
        now = self.clock.now()
        return found is not None and _expires_soon(found.expires_at, found.renewable, now)

    @_in_thread
    def claim_refresh(self, account_id: UUID) -> bool:
        """Claim the refresh of an account's tokens; False while another process has the claim."""
        now = self.clock.now()
        with self.db.write() as conn:
            until = now + timedelta(seconds=REFRESH_CLAIM_SECONDS)
            return repository.claim_refresh(conn, account_id, now, until)

    @_in_thread
    def finish_refresh(self, account_id: UUID, tokens: TokenSet | None) -> None:
        """Store the new tokens and release the claim; None: the refresh failed."""
        with self.db.write() as conn:
            if tokens is None:
                repository.change(conn, account_id, refreshing_until=None)
                return
            expires_at = unverified_expiry(tokens.access or "")
            repository.change_tokens(
                conn,
                account_id,
                encrypt_tokens(self.secret_box, tokens),
                expires_at=expires_at,
                refreshing_until=None,
            )

    @_in_thread
    def record_failure(self, account_id: UUID, reason: str) -> None:
        """Count a failure of the account; its cooldown grows with consecutive failures."""
        now = self.clock.now()
        with self.db.write() as conn:
            leasing.record_failure(conn, account_id, reason, now)

    @_in_thread
    def cool_down(self, account_id: UUID, seconds: float, reason: str) -> None:
        """Start a cooldown of some seconds without counting a failure."""
        now = self.clock.now()
        with self.db.write() as conn:
            leasing.cool_down(conn, account_id, seconds, reason, now)

    @_in_thread
    def quarantine(self, account_id: UUID, reason: str) -> None:
        """Quarantine an account until the operator repairs it."""
        with self.db.write() as conn:
            leasing.quarantine(conn, account_id, reason)

    @_in_thread
    def update_info(self, account_id: UUID, info: AccountInfo) -> None:
        """Store the plan, e-mail address and quota that the server reported."""
        values = leasing.info_columns(info, self.clock.now())
        if values:
            with self.db.write() as conn:
                repository.change(conn, account_id, **values)

    @_in_thread
    def list_due(self) -> list[UUID]:
        """Return the ready accounts whose token expires soon or whose check is overdue."""
        now = self.clock.now()
        with self.db.read() as conn:
            accounts = repository.all_of(conn, self.engine)
        return [
            one.id
            for one in accounts
            if one.state is UpstreamAccountState.READY
            and (_expires_soon(one.expires_at, one.renewable, now) or _unseen(one.checked_at, now))
        ]


def _expires_soon(expires_at: datetime | None, renewable: bool, now: datetime) -> bool:
    return renewable and expires_at is not None and expires_at - now < REFRESH_AHEAD


def _unseen(checked_at: datetime | None, now: datetime) -> bool:
    # A time in the future was stored while the clock was wrong.
    return checked_at is None or not checked_at <= now <= checked_at + CHECK_INTERVAL
