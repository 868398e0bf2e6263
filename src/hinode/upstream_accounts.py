"""Accounts at upstream servers, as engines use them and the core stores them.

The one set of types for both sides. It stands below them as a module of its own because the core
imports no engine, and an engine nothing of the core.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """Requirements of a job for an account: a free slot of its kind, a paid plan if ``pro``.

    With ``account_id`` only that account fits: it has the video that the job starts from.
    """

    kind: MediaKind
    pro: bool = False
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AccountLease:
    """A job and the account that it keeps until it ends.

    ``sent``: its request was sent, or was about to be. ``remote_id`` is the job's id at the
    server, once known.
    """

    job_id: UUID
    account_id: UUID
    kind: MediaKind
    sent: bool = False
    remote_id: str | None = None


class UnavailableReason(StrEnum):
    """The reason why no account takes a job now.

    ``full``: those that fit run as many jobs as they may. ``cooldown`` and ``quota``: they are
    usable later. ``plan``: none has the plan. ``nobody``: none is ready at all.
    """

    FULL = "full"
    COOLDOWN = "cooldown"
    QUOTA = "quota"
    PLAN = "plan"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class LeaseUnavailable:
    """No account takes a job; ``seconds`` until one might, None: unknown."""

    reason: UnavailableReason
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TokenSet:
    """An account's access token and the tokens that refresh it; at least one is present.

    ``client_id`` is the OAuth client of the refresh token, None: the usual one.
    """

    access: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    refresh: str | None = field(default=None, repr=False)
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """A server's statements about an account; None: it did not say.

    ``plan`` is ``free``, ``plus``, ``pro`` or ``team``.
    """

    email: str | None = None
    plan: str | None = None
    videos_left: int | None = None
    resets_in: float | None = None


class TokensUnreadable(Exception):
    """An account's stored tokens cannot be decrypted; the message says why."""


class AccountPool(Protocol):
    """The accounts of one engine, shared by all its processes. What it returns is durable."""

    async def acquire(
        self, job_id: UUID, request: LeaseRequest
    ) -> AccountLease | LeaseUnavailable | None:
        """Lease an account to a job, or return its lease; None when the job has ended."""
        ...

    async def mark_sending(self, job_id: UUID) -> None:
        """Record that a job's request is about to be sent."""
        ...

    async def mark_sent(self, lease: AccountLease, remote_id: str) -> None:
        """Record that the server accepted a job."""
        ...

    async def release(self, job_id: UUID) -> None:
        """Release a job's account: the job was certainly not sent."""
        ...

    async def tokens(self, account_id: UUID) -> TokenSet | None:
        """Return an account's tokens; None when it is gone. Raises :class:`TokensUnreadable`."""
        ...

    async def expires_soon(self, account_id: UUID) -> bool:
        """Return whether an account's access token should be refreshed before it is used."""
        ...

    async def claim_refresh(self, account_id: UUID) -> bool:
        """Claim the refresh of an account's token; False while another process has it."""
        ...

    async def finish_refresh(self, account_id: UUID, tokens: TokenSet | None) -> None:
        """Store those tokens that are given; None: the refresh failed."""
        ...

    async def record_failure(self, account_id: UUID, reason: str) -> None:
        """Count a failure of the account itself and start its cooldown."""
        ...

    async def cool_down(self, account_id: UUID, seconds: float, reason: str) -> None:
        """Give an account no jobs for some seconds, through no fault of its own."""
        ...

    async def quarantine(self, account_id: UUID, reason: str) -> None:
        """Give an account no jobs until the operator repairs it."""
        ...

    async def update_info(self, account_id: UUID, info: AccountInfo) -> None:
        """Store the server's statements about an account."""
        ...

    async def list_due(self) -> list[UUID]:
        """Return the accounts whose tokens end soon, or that were not checked for long."""
        ...
