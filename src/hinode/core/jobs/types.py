"""Jobs, their states and the legal transitions between them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets.types import Asset
from hinode.core.auth.types import Priority
from hinode.core.catalog.types import RenderPlan
from hinode.core.engines.daily_credits import RouteDay
from hinode.core.jobs.options import JobOptions
from hinode.media.types import DigitalSourceType, JobAction, MediaKind

__all__ = [
    "ABANDONED",
    "CANCELED",
    "DEADLINE",
    "TRANSITIONS",
    "CharacterFile",
    "CharacterResolver",
    "Job",
    "JobAction",
    "JobDetail",
    "JobError",
    "JobState",
    "RenderOrder",
    "states_before",
]


class JobState(StrEnum):
    """The state of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def ended(self) -> bool:
        """True when the state is final."""
        return self not in TRANSITIONS


TRANSITIONS = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.FAILED, JobState.CANCELED}),
    JobState.RUNNING: frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELED}),
}
"""The legal transitions; states that are missing here are final."""


def states_before(target: JobState) -> list[JobState]:
    """Return the states from which a job may change to ``target``."""
    return [state for state, targets in TRANSITIONS.items() if target in targets]


@dataclass(frozen=True, slots=True)
class JobError:
    """The reason of a failure: a stable public code and a message for the job's owner."""

    code: str
    message: str


CANCELED = JobError("canceled", "The job was canceled.")
ABANDONED = JobError(
    "abandoned", "The job was interrupted too often; it may be the cause of the interruptions."
)
DEADLINE = JobError("deadline_exceeded", "The job did not finish before its deadline.")
_LEAST_PROGRESS = 5
"""The percent below which progress tells nothing of the time that is left."""


@dataclass(frozen=True, slots=True)
class Job:
    """One request to render.

    ``progress`` is 0 to 100 percent, ``price`` the held credits and ``charged`` what an ended job
    cost (the price, while it has not ended). ``engine`` and ``upstream`` (the model's name at its
    server) are the route that renders it, ``route_price`` its price there, at most the held one;
    ``upstream_cost`` what that server says that it cost, in units of its own; ``origin`` what that
    engine is, by its own word, of a completed job; ``counted_in`` is the
    day among whose credits it counts, if the route has a limit of them.
    ``queue_rank`` orders the queue of its engine. ``dispatch_no`` counts its requeues,
    ``submit_failures`` those that followed a failed submit, ``resume_count`` the resumes by
    workers. At ``deadline_at`` it fails if it has not ended; at ``expires_at`` its files expire;
    at ``expected_end_at`` its engine expects it to end, None where that does not say so.
    """

    id: UUID
    account_id: UUID
    key_id: UUID | None
    kind: MediaKind
    action: JobAction
    parent_id: UUID | None
    state: JobState
    model: str
    engine: str
    prompt: str
    plan: RenderPlan
    options: JobOptions
    progress: int
    price: int
    error: JobError | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    deadline_at: datetime
    expires_at: datetime | None
    priority: Priority = Priority.NORMAL
    queue_rank: int = 1
    dispatch_no: int = 0
    resume_count: int = 0
    submit_failures: int = 0
    charged: int = 0
    upstream: str | None = None
    title: str | None = None
    favorite: bool = False
    route_price: int = 0
    counted_in: RouteDay | None = None
    upstream_cost: int | None = None
    origin: DigitalSourceType | None = None
    expected_end_at: datetime | None = None

    def remaining_seconds(self, now: datetime) -> int | None:
        """Return an estimate of the seconds until its end; None if nothing tells.

        It is the engine's own, else follows from the progress.
        """
        if self.state is not JobState.RUNNING or self.started_at is None:
            return None
        if self.expected_end_at is not None:
            return max(0, round((self.expected_end_at - now).total_seconds()))
        if not _LEAST_PROGRESS <= self.progress < 100:
            return None
        passed = max(0.0, (now - self.started_at).total_seconds())
        return round(passed * (100 - self.progress) / self.progress)

    def expired(self, now: datetime) -> bool:
        """Return whether its files have expired, also if they are not removed yet."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """Progress of a running job in percent, and the seconds until its end; None: not known."""

    percent: int
    remaining_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class JobDetail:
    """A job and its place in the queue of its engine: 0 is next, None unless it is queued.

    The place can grow when other accounts create jobs: see :mod:`hinode.core.jobs.fair_queue`.
    ``remaining_seconds`` is the estimate of the time until its end, None if nothing tells; details
    that differ only in it are equal, as it changes while time passes.
    """

    job: Job
    queue_position: int | None
    remaining_seconds: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class CharacterFile:
    """The name of a character in a job and the storage key of its image."""

    name: str
    key: str


class CharacterResolver(Protocol):
    """The operations on characters that jobs need.

    Implemented by the domain of characters and injected, because that imports this domain.
    """

    def resolve(
        self, conn: sa.Connection, account_id: UUID, prompt: str, ids: Sequence[UUID]
    ) -> tuple[UUID, ...]:
        """Return the ids of a video's characters: the named ids, then those the prompt mentions.

        Raises :class:`hinode.core.errors.HinodeError` for unknown or too many ids.
        """
        ...

    def filter_visible(
        self, conn: sa.Connection, account_id: UUID, ids: Sequence[UUID]
    ) -> tuple[UUID, ...]:
        """Return the characters among ``ids`` that an account may use now, in their order."""
        ...

    def owners(self, conn: sa.Connection, ids: Sequence[UUID]) -> frozenset[UUID]:
        """Return the accounts of characters, deleted ones too."""
        ...

    def files(self, conn: sa.Connection, ids: Sequence[UUID]) -> tuple[CharacterFile, ...]:
        """Return the images of characters of any account, deleted ones too, in the ids' order."""
        ...


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """A running job and the stored files that it renders from.

    ``inputs`` are the files of the request, by role and index; ``source`` is the parent's video.
    ``resumed``: the job was running before. ``parent_ticket`` is set when the same engine rendered
    the parent. ``newly_submitted``: its ticket was stored just now. ``stop_at`` is the deadline by
    the monotonic clock of this process, which no change of the time moves.
    """

    job: Job
    inputs: list[Asset]
    source: Asset | None
    characters: tuple[CharacterFile, ...] = ()
    resumed: bool = False
    parent_ticket: Mapping[str, Any] | None = None
    newly_submitted: bool = False
    stop_at: float = math.inf
