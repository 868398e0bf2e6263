"""The verbs of engines that render with accounts at another server: which one, and how it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.jobs import repository as jobs
from hinode.core.upstreams import repository, service
from hinode.core.upstreams.sealed import opened, sealed
from hinode.core.upstreams.types import (
    AccountState,
    Learned,
    Lease,
    Need,
    Shortage,
    Tokens,
)
from hinode.kit.clock import Clock
from hinode.kit.jwt_reading import expiry_of
from hinode.kit.sealing import Sealer

if TYPE_CHECKING:
    from hinode.db.database import Database

REFRESH_SECONDS = 90.0
"""How long a renewal of a token may take before another process may try, for that one died."""

AHEAD = timedelta(minutes=10)
"""How long before its end a token is renewed."""

LOOK_EVERY = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class AccountPool:
    """The accounts of all engines. Every verb is one transaction."""

    db: Database
    sealer: Sealer
    clock: Clock

    def acquire(self, engine: str, job_id: UUID, need: Need) -> Lease | Shortage | None:
        """Give a job an account, or the one that it has.

        None when the job has ended, is late or has moved to another engine.
        """
        now = self.clock.now()
        with self.db.read() as conn:
            job = jobs.find(conn, job_id)
        if job is None or job.state.ended or job.deadline_at <= now or job.engine != engine:
            return None
        with self.db.write() as conn:
            return service.acquire(conn, engine, job_id, need, now)

    def sending(self, job_id: UUID) -> None:
        """Note that a job's request is about to go out: from now on it may have arrived."""
        with self.db.write() as conn:
            repository.change_lease(conn, job_id, sent_at=self.clock.now())

    def sent(self, lease: Lease, remote_id: str) -> None:
        """Note that the server took a job, and what it calls it."""
        with self.db.write() as conn:
            repository.change_lease(conn, lease.job_id, remote_id=remote_id)
            repository.note_taken(conn, lease.account_id, lease.kind)

    def release(self, job_id: UUID) -> None:
        """Let a job's account go: the job was surely not sent."""
        with self.db.write() as conn:
            repository.delete_lease(conn, job_id)

    def tokens_of(self, account_id: UUID) -> Tokens | None:
        """Return an account's tokens; None when it is gone. Raises :class:`SealBroken`."""
        with self.db.read() as conn:
            found = repository.sealed_tokens(conn, account_id)
        return None if found is None else opened(self.sealer, found)

    def claim_refresh(self, account_id: UUID) -> bool:
        """Be the one that renews an account's access token; False while somebody else is."""
        now = self.clock.now()
        with self.db.write() as conn:
            until = now + timedelta(seconds=REFRESH_SECONDS)
            return repository.claim_refresh(conn, account_id, now, until)

    def refreshed(self, account_id: UUID, tokens: Tokens | None) -> None:
        """Keep an account's new tokens, those that are given; None: the renewal failed."""
        with self.db.write() as conn:
            if tokens is None:
                repository.change(conn, account_id, refreshing_until=None)
                return
            expires_at = expiry_of(tokens.access or "")
            repository.change_tokens(
                conn,
                account_id,
                sealed(self.sealer, tokens),
                expires_at=expires_at,
                refreshing_until=None,
            )

    def failed(self, account_id: UUID, reason: str) -> None:
        """Count an error of an account's own; it rests."""
        with self.db.write() as conn:
            service.failed(conn, account_id, reason, self.clock.now())

    def pause(self, account_id: UUID, seconds: float, reason: str) -> None:
        """Leave an account alone for some seconds, through no fault of its own."""
        with self.db.write() as conn:
            service.pause(conn, account_id, seconds, reason, self.clock.now())

    def set_aside(self, account_id: UUID, reason: str) -> None:
        """Use an account no more until the operator mends it."""
        with self.db.write() as conn:
            service.set_aside(conn, account_id, reason)

    def learn(self, account_id: UUID, learned: Learned) -> None:
        """Keep what a server said of an account."""
        now = self.clock.now()
        values = service.learned_values(learned, now)
        if values:
            with self.db.write() as conn:
                repository.change(conn, account_id, **values)

    def due(self, engine: str) -> list[UUID]:
        """Return the accounts whose tokens end soon, or whose server was not asked for long."""
        now = self.clock.now()
        with self.db.read() as conn:
            accounts = repository.all_of(conn, engine)
        return [
            one.id
            for one in accounts
            if one.state is AccountState.READY
            and (_ends_soon(one.expires_at, one.renewable, now) or _unseen(one.looked_at, now))
        ]

    def ends_soon(self, account_id: UUID) -> bool:
        """Whether an account's access token should be renewed now."""
        with self.db.read() as conn:
            found = repository.find(conn, account_id)
        return found is not None and _ends_soon(found.expires_at, found.renewable, self.clock.now())

    def forget_ended(self) -> int:
        """Remove the leases of jobs that have ended. Returns how many."""
        with self.db.read() as conn:
            if not repository.has_ended_leases(conn):
                return 0
        with self.db.write() as conn:
            return repository.delete_ended_leases(conn)


def _ends_soon(expires_at: datetime | None, renewable: bool, now: datetime) -> bool:
    return renewable and expires_at is not None and expires_at - now < AHEAD


def _unseen(looked_at: datetime | None, now: datetime) -> bool:
    return looked_at is None or now - looked_at > LOOK_EVERY
