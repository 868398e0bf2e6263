"""What the engine needs of whoever keeps its accounts; a studio stands behind it, or a test."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """What a job needs: a slot of its kind, maybe a paid plan, maybe this one account only."""

    kind: MediaKind
    pro: bool = False
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AccountLease:
    """The account of a job until it ends. ``sent``: its request has gone out, or was about to.

    ``remote_id`` is what the server called the job, once it had answered.
    """

    job_id: UUID
    account_id: UUID
    kind: MediaKind
    sent: bool
    remote_id: str | None


class UnavailableReason(StrEnum):
    """Why there is no account for a job: see ``hinode.core.upstreams.types.Why``."""

    FULL = "full"
    RESTING = "resting"
    QUOTA = "quota"
    PLAN = "plan"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class LeaseUnavailable:
    """There is no account now; ``seconds`` until there may be one, None: nobody knows."""

    reason: UnavailableReason
    seconds: float | None


@dataclass(frozen=True, slots=True)
class TokenSet:
    """An account's tokens; a refresh token is used with ``client_id``, None: the usual one."""

    access: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    refresh: str | None = field(default=None, repr=False)
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """What a server said of an account; ``plan`` is ``free``, ``plus``, ``pro`` or ``team``."""

    email: str | None = None
    plan: str | None = None
    videos_left: int | None = None
    resets_in: float | None = None


class TokensUnreadable(Exception):
    """An account's tokens are there and cannot be read; the text says why."""


class SoraAccountPool(Protocol):
    """The accounts of one engine, shared by all its processes. What it returns is durable."""

    async def acquire(
        self, job_id: UUID, request: LeaseRequest
    ) -> AccountLease | LeaseUnavailable | None:
        """Give a job an account, or the one that it has; None when the job should not go on."""
        ...

    async def mark_sending(self, job_id: UUID) -> None:
        """Note that a job's request is about to go out."""
        ...

    async def mark_sent(self, lease: AccountLease, remote_id: str) -> None:
        """Note that the server took a job."""
        ...

    async def release(self, job_id: UUID) -> None:
        """Let a job's account go: the job was surely not sent."""
        ...

    async def tokens(self, account_id: UUID) -> TokenSet | None:
        """Return an account's tokens; None when it is gone. Raises :class:`TokensUnreadable`."""
        ...

    async def expires_soon(self, account_id: UUID) -> bool:
        """Whether an account's access token should be renewed before it is used."""
        ...

    async def claim_refresh(self, account_id: UUID) -> bool:
        """Be the one that renews an account's token; False while somebody else is."""
        ...

    async def finish_refresh(self, account_id: UUID, tokens: TokenSet | None) -> None:
        """Keep those tokens that are given; None: the renewal failed."""
        ...

    async def record_failure(self, account_id: UUID, reason: str) -> None:
        """Count an error of the account's own; it rests."""
        ...

    async def cool_down(self, account_id: UUID, seconds: float, reason: str) -> None:
        """Leave an account alone for some seconds, through no fault of its own."""
        ...

    async def quarantine(self, account_id: UUID, reason: str) -> None:
        """Use an account no more until the operator mends it."""
        ...

    async def update_info(self, account_id: UUID, info: AccountInfo) -> None:
        """Keep what the server said of an account."""
        ...

    async def list_due(self) -> list[UUID]:
        """Return the accounts whose tokens end soon, or that were not looked at for long."""
        ...
