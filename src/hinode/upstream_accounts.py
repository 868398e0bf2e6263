"""Accounts at upstream servers: the types that engines and the core share.

The core imports no engine and engines import nothing of the core, so the module is below both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """The account that a job needs: with a free slot of its ``kind``, on a paid plan if ``pro``.

    ``account_id`` requires that account: the source video of the job belongs to it.
    """

    kind: MediaKind
    pro: bool = False
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AccountLease:
    """The lease of an account to a job, until the job ends.

    ``sent`` is True from just before the request to the server. ``remote_id`` is the job's id at
    the server, None until it answered.
    """

    job_id: UUID
    account_id: UUID
    kind: MediaKind
    sent: bool = False
    remote_id: str | None = None


class UnavailableReason(StrEnum):
    """The reason why no account is available for a job.

    ``full``: the matching accounts are at their concurrency limit. ``cooldown``, ``quota``: they
    become available later. ``plan``: none is on the plan. ``nobody``: none is ready at all.
    """

    FULL = "full"
    COOLDOWN = "cooldown"
    QUOTA = "quota"
    PLAN = "plan"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class LeaseUnavailable:
    """No account is available; ``seconds`` until one may be, None if unknown."""

    reason: UnavailableReason
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TokenSet:
    """An access token and the tokens that refresh it; at least one is set.

    ``client_id`` is the OAuth client of the refresh token; None means the default client.
    """

    access: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    refresh: str | None = field(default=None, repr=False)
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """Account data from the server; None where it sent none.

    ``plan`` is ``free``, ``plus``, ``pro`` or ``team``; ``resets_in`` is in seconds.
    """

    email: str | None = None
    plan: str | None = None
    videos_left: int | None = None
    resets_in: float | None = None


class TokensUnreadable(Exception):
    """The stored tokens of an account cannot be decrypted; the message says why."""


class AccountPool(Protocol):
    """The accounts of one engine, shared by all processes; every method commits."""

    async def acquire(
        self, job_id: UUID, request: LeaseRequest
    ) -> AccountLease | LeaseUnavailable | None:
        """Lease an account to a job, or return its current lease; None if the job has ended."""
        ...

    async def mark_sending(self, job_id: UUID) -> None:
        """Mark the lease as sent, before the request leaves: a crash must not send it twice."""
        ...

    async def mark_sent(self, lease: AccountLease, remote_id: str) -> None:
        """Store the job's id at the server, which accepted it."""
        ...

    async def release(self, job_id: UUID) -> None:
        """End the lease of a job whose request was certainly not sent."""
        ...

    async def tokens(self, account_id: UUID) -> TokenSet | None:
        """Return the tokens; None if the account is deleted. Raises :class:`TokensUnreadable`."""
        ...

    async def expires_soon(self, account_id: UUID) -> bool:
        """Return whether the access token should be refreshed before it is used."""
        ...

    async def claim_refresh(self, account_id: UUID) -> bool:
        """Take the lock of a token refresh; False while another process holds it."""
        ...

    async def finish_refresh(self, account_id: UUID, tokens: TokenSet | None) -> None:
        """Store the tokens that are set and release the lock; None if the refresh failed."""
        ...

    async def record_failure(self, account_id: UUID, reason: str) -> None:
        """Count a failure of the account and start its cooldown."""
        ...

    async def cool_down(self, account_id: UUID, seconds: float, reason: str) -> None:
        """Lease the account to no job for ``seconds``, without counting a failure."""
        ...

    async def quarantine(self, account_id: UUID, reason: str) -> None:
        """Lease the account to no job until the operator repairs it."""
        ...

    async def update_info(self, account_id: UUID, info: AccountInfo) -> None:
        """Store the account data that the server sent."""
        ...

    async def list_due(self) -> list[UUID]:
        """Return the accounts whose tokens expire soon or whose last check is too old."""
        ...
