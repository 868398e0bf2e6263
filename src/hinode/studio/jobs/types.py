"""Jobs: their states, the legal moves between them, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from hinode.media.kinds import MediaKind
from hinode.studio.assets.types import Asset
from hinode.studio.catalog.service import Wish
from hinode.studio.catalog.types import RenderPlan


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self not in TRANSITIONS


TRANSITIONS = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.FAILED, JobState.CANCELED}),
    JobState.RUNNING: frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELED}),
}
"""The legal moves; states that are missing here are final."""


def sources_of(target: JobState) -> list[JobState]:
    """Return the states from which a job may move to ``target``."""
    return [state for state, targets in TRANSITIONS.items() if target in targets]


class JobAction(StrEnum):
    """How a job came to be; all but ``create`` have a parent."""

    CREATE = "create"
    REMIX = "remix"
    EDIT = "edit"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed: a stable public code and a sentence for its owner."""

    code: str
    message: str


CANCELED = JobError("canceled", "The job was canceled.")
DEADLINE = JobError("deadline_exceeded", "The job did not finish before its deadline.")


@dataclass(frozen=True, slots=True)
class Job:
    """One request to render. ``progress`` is 0 to 100; ``price`` what was held, in credits.

    ``deadline_at`` is when the job fails if it has not ended; ``expires_at`` when its files go.
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
    progress: int
    price: int
    error: JobError | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    deadline_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobDetail:
    """A job and its place in the queue of its engine: 0 is next; None once it has started."""

    job: Job
    queue_position: int | None


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A caller's promise that requests with this key are one and the same.

    ``fingerprint`` is a digest of everything in the request.
    """

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """What a client wants rendered. ``first_frame`` is the bytes of an image of any kind."""

    prompt: str
    wish: Wish
    first_frame: bytes | None = None
    idempotency: Idempotency | None = None


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """A running job and the stored files that it renders from."""

    job: Job
    first_frame: Asset | None


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of a list of jobs."""

    jobs: list[Job]
    has_more: bool
