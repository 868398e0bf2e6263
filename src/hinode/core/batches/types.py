"""Types of batches: files of requests that are worked off with low priority."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from hinode.kit.ids import encode_id

BATCH_PREFIX = "batch_"

WINDOW = timedelta(hours=24)
"""Time in which a batch is to complete; afterwards it expires."""

RESULTS_LIFETIME = timedelta(hours=24)
"""Least time after its window for which the results of a batch can be downloaded."""


class BatchStatus(StrEnum):
    """The status of a batch, as OpenAI names it."""

    VALIDATING = "validating"
    FAILED = "failed"
    IN_PROGRESS = "in_progress"
    FINALIZING = "finalizing"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """True when the status is final."""
        return self in ENDED


ENDED = (BatchStatus.FAILED, BatchStatus.COMPLETED, BatchStatus.EXPIRED, BatchStatus.CANCELLED)


class LineState(StrEnum):
    """The state of one request of a batch; ``created``: its job has not ended."""

    PENDING = "pending"
    CREATED = "created"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileError:
    """A reason why the input file was refused; ``line`` counts from 1, None: the whole file."""

    code: str
    message: str
    line: int | None = None
    param: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch; ``key_id`` is the API key that its requests are made with.

    URLs in its results begin with ``base_url``, this server's URL as its client used it.
    ``output_lifetime`` is in seconds, None: the default of batch files.
    """

    id: UUID
    account_id: UUID
    key_id: UUID | None
    endpoint: str
    input_file_id: UUID
    base_url: str
    metadata: Mapping[str, str] | None
    output_lifetime: int | None
    status: BatchStatus
    created_at: datetime
    expires_at: datetime
    in_progress_at: datetime | None = None
    finalizing_at: datetime | None = None
    completed_at: datetime | None = None
    failed_at: datetime | None = None
    expired_at: datetime | None = None
    cancelling_at: datetime | None = None
    cancelled_at: datetime | None = None
    output_file_id: UUID | None = None
    error_file_id: UUID | None = None
    errors: tuple[FileError, ...] = ()
    total: int = 0
    completed: int = 0
    failed: int = 0

    @property
    def public_id(self) -> str:
        """The id that clients and receivers of webhooks get."""
        return encode_id(BATCH_PREFIX, self.id)


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch to create; ``output_lifetime`` is in seconds, None: the default."""

    endpoint: str
    input_file_id: UUID
    base_url: str
    metadata: Mapping[str, str] | None = None
    output_lifetime: int | None = None


@dataclass(frozen=True, slots=True)
class CreatedLine:
    """The job that was made for a line, and what its result is written by."""

    job_id: UUID
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineResponse:
    """The response to a line's request."""

    status: int
    body: Mapping[str, Any]

    @property
    def succeeded(self) -> bool:
        """True for a status of 200 to 299."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class LineNotRun:
    """The reason why a line's request got no response."""

    code: str
    message: str


LineFailure = LineResponse | LineNotRun

EXPIRED = LineNotRun(
    "batch_expired", "This request could not be completed before the completion window ended."
)
CANCELLED = LineNotRun("batch_cancelled", "The batch was cancelled before this request completed.")
INPUT_MISSING = LineNotRun("file_not_found", "The input file was deleted before this request ran.")


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One request of a batch; ``number`` is its line in the input file, counted from 1."""

    batch_id: UUID
    number: int
    custom_id: str
    state: LineState
    job_id: UUID | None
    details: Mapping[str, Any]
    failure: LineFailure | None


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """The rest of a batch: ``next_lines`` may be created now; ``unfinished`` have a job."""

    next_lines: list[int]
    unfinished: int

    @property
    def done(self) -> bool:
        """True when every line has a result."""
        return not self.next_lines and not self.unfinished
