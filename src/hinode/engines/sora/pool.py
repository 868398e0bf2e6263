"""What the engine needs of whoever keeps its accounts; a studio stands behind it, or a test."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from hinode.media.kinds import MediaKind


@dataclass(frozen=True, slots=True)
class Need:
    """What a job needs: a slot of its kind, maybe a paid plan, maybe this one account only."""

    kind: MediaKind
    pro: bool = False
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The account of a job until it ends. ``sent``: its request has gone out, or was about to.

    ``remote_id`` is what the server called the job, once it had answered.
    """

    job_id: UUID
    account_id: UUID
    kind: MediaKind
    sent: bool
    remote_id: str | None


class Why(StrEnum):
    """Why there is no account for a job: see ``hinode.studio.upstreams.types.Why``."""

    FULL = "full"
    RESTING = "resting"
    QUOTA = "quota"
    PLAN = "plan"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class NoLease:
    """There is no account now; ``seconds`` until there may be one, None: nobody knows."""

    why: Why
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Grants:
    """An account's tokens; a refresh token is used with ``client_id``, None: the usual one."""

    access: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    refresh: str | None = field(default=None, repr=False)
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a server said of an account; ``plan`` is ``free``, ``plus``, ``pro`` or ``team``."""

    email: str | None = None
    plan: str | None = None
    videos_left: int | None = None
    resets_in: float | None = None


class UnreadableGrants(Exception):
    """An account's tokens are there and cannot be read; the text says why."""


class AccountPool(Protocol):
    """The accounts of one engine, shared by all its processes. What it returns is durable."""

    async def acquire(self, job_id: UUID, need: Need) -> Lease | NoLease | None:
        """Give a job an account, or the one that it has; None when the job should not go on."""
        ...

    async def sending(self, job_id: UUID) -> None:
        """Note that a job's request is about to go out."""
        ...

    async def sent(self, lease: Lease, remote_id: str) -> None:
        """Note that the server took a job."""
        ...

    async def release(self, job_id: UUID) -> None:
        """Let a job's account go: the job was surely not sent."""
        ...

    async def grants(self, account_id: UUID) -> Grants | None:
        """Return an account's tokens; None when it is gone. Raises :class:`UnreadableGrants`."""
        ...

    async def ends_soon(self, account_id: UUID) -> bool:
        """Whether an account's access token should be renewed before it is used."""
        ...

    async def claim_refresh(self, account_id: UUID) -> bool:
        """Be the one that renews an account's token; False while somebody else is."""
        ...

    async def refreshed(self, account_id: UUID, tokens: Grants | None) -> None:
        """Keep those tokens that are given; None: the renewal failed."""
        ...

    async def failed(self, account_id: UUID, reason: str) -> None:
        """Count an error of the account's own; it rests."""
        ...

    async def pause(self, account_id: UUID, seconds: float, reason: str) -> None:
        """Leave an account alone for some seconds, through no fault of its own."""
        ...

    async def set_aside(self, account_id: UUID, reason: str) -> None:
        """Use an account no more until the operator mends it."""
        ...

    async def learn(self, account_id: UUID, facts: Facts) -> None:
        """Keep what the server said of an account."""
        ...

    async def due(self) -> list[UUID]:
        """Return the accounts whose tokens end soon, or that were not looked at for long."""
        ...
