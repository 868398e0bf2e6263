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
    """The account that a job needs: a free slot of its kind, and a paid plan if ``pro``.

    With ``account_id`` only that account will do: the job starts from a video it has.
    """

    kind: MediaKind
    pro: bool = False
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AccountLease:
    """A job and the account that it stays with until it ends.

    ``sent``: its request has gone out, or was about to. ``remote_id`` is the job's id at the
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
    back later. ``plan``: none has the plan. ``nobody``: none is ready at all.
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
    """An account's access token and the tokens that renew it; at least one is there.

    ``client_id`` is the program that the refresh token was given to, None: the usual one.
    """

    access: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    refresh: str | None = field(default=None, repr=False)
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """Facts that a server told about an account; None: it did not say.

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
        """Return whether an account's access token should be renewed before it is used."""
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
