"""Create, read and cancel batches for callers, and work them off for workers.

Every method is safe to repeat after a crash: a line moves on by compare-and-set, and the result
files are filed in the transaction that ends the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import sqlalchemy as sa

from hinode.core.auth import repository as keys
from hinode.core.auth.types import Caller
from hinode.core.batches import repository
from hinode.core.batches.results import ResultFiles
from hinode.core.batches.types import (
    CANCELLED,
    EXPIRED,
    INPUT_MISSING,
    RESULTS_LIFETIME,
    WINDOW,
    Batch,
    BatchLine,
    BatchProgress,
    BatchStatus,
    CreatedLine,
    FileError,
    LineFailure,
    LineNotRun,
    LineResponse,
    LineState,
    NewBatch,
)
from hinode.core.batches.validation import check_file
from hinode.core.credits import repository as balances
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files import repository as file_rows
from hinode.core.files import rules
from hinode.core.files.types import File
from hinode.core.jobs import repository as job_rows
from hinode.core.jobs.lifecycle import JobLifecycle
from hinode.core.jobs.types import Job, JobState
from hinode.core.pagination import Page
from hinode.core.webhooks.delivery import DeliveryLifecycle
from hinode.core.webhooks.types import EventType
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.kit.spool import Spooled
from hinode.storage.errors import ObjectMissing

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

MAX_UNFINISHED_BATCHES = 20
"""Batches of one account that have not ended."""

MAX_UNFINISHED_LINES = 32
"""Unfinished jobs of all batches of an account, so that they leave room for its other jobs."""

RETRY_AFTER_S = 60
_EVENTS = {
    BatchStatus.COMPLETED: EventType.BATCH_COMPLETED,
    BatchStatus.FAILED: EventType.BATCH_FAILED,
    BatchStatus.EXPIRED: EventType.BATCH_EXPIRED,
    BatchStatus.CANCELLED: EventType.BATCH_CANCELLED,
}
_WORKING = (BatchStatus.IN_PROGRESS, BatchStatus.FINALIZING, BatchStatus.CANCELLING)

Answer = Callable[[BatchLine, Job | None], LineResponse]
"""Returns the response of a line whose job has ended; None for a deleted job."""


class BatchQueue(Protocol):
    """The queue of batches, written in the transaction that creates one."""

    def enqueue(self, conn: sa.Connection, batch_id: UUID) -> None:
        """Enqueue a batch."""
        ...


@dataclass(frozen=True, slots=True)
class BatchService:
    """Batches of callers; ``max_lines`` is the largest number of requests of one.

    ``max_unfinished`` is the server's limit of unfinished jobs of an account; 0: no limit.
    """

    db: Database
    store: ObjectStore
    lifecycle: JobLifecycle
    queue: BatchQueue
    deliveries: DeliveryLifecycle
    clock: Clock
    max_lines: int
    max_unfinished: int = 0

    def create(self, caller: Caller, new: NewBatch) -> Batch:
        """Create a batch, which a worker validates.

        Raises :class:`HinodeError` when the file is unknown or has another purpose, or the account
        has too many unfinished batches.
        """
        now = self.clock.now()
        batch = Batch(
            id=new_id(),
            account_id=caller.account_id,
            key_id=caller.key_id,
            endpoint=new.endpoint,
            input_file_id=new.input_file_id,
            base_url=new.base_url,
            metadata=new.metadata,
            output_lifetime=new.output_lifetime,
            status=BatchStatus.VALIDATING,
            created_at=now,
            expires_at=now + WINDOW,
        )
        with self.db.write() as conn:
            # Holds until the commit: two creates cannot pass the limit together.
            balances.lock(conn, caller.account_id)
            self._check(conn, caller, new)
            repository.insert(conn, batch)
            self.queue.enqueue(conn, batch.id)
        return batch

    def get(self, caller: Caller, batch_id: UUID) -> Batch:
        """Return a batch of the caller. Raises :class:`HinodeError` for any other id."""
        with self.db.read() as conn:
            return _own(conn, caller, batch_id)

    def page(self, caller: Caller, *, limit: int, after: UUID | None) -> Page[Batch]:
        """Return a page of the account's batches older than the id ``after``, newest first."""
        with self.db.read() as conn:
            return repository.page(conn, caller.account_id, limit, after)

    def cancel(self, caller: Caller, batch_id: UUID) -> Batch:
        """Cancel a batch: its unfinished requests are canceled, the results of others are kept.

        Raises :class:`HinodeError` when it is unknown, or its results are final.
        """
        sources = (BatchStatus.VALIDATING, BatchStatus.IN_PROGRESS)
        with self.db.write() as conn:
            _own(conn, caller, batch_id)
            repository.move(
                conn, batch_id, sources, BatchStatus.CANCELLING, cancelling_at=self.clock.now()
            )
            batch = _own(conn, caller, batch_id)
        if batch.cancelling_at is None:
            raise HinodeError(
                ErrorCode.BATCH_NOT_CANCELABLE,
                f"This batch is {batch.status.value} and cannot be cancelled.",
                param="batch_id",
            )
        return batch

    def begin(self, batch_id: UUID) -> Batch | None:
        """Validate a new batch; return it with work to do, None if it has none."""
        batch = self._find(batch_id)
        if batch.status is BatchStatus.VALIDATING:
            self._validate(batch)
            batch = self._find(batch_id)
        return batch if batch.status in _WORKING else None

    def open_input(self, batch: Batch) -> Spooled | None:
        """Return the input file; None, and its pending lines fail, when it was deleted."""
        found = self._input(batch)
        if found is None:
            with self.db.write() as conn:
                repository.fail_pending(conn, batch.id, INPUT_MISSING)
        return found

    def advance(self, batch_id: UUID, *, may_expire: bool) -> BatchProgress:
        """Take in the jobs that have ended, stop a batch that is cancelled or out of time.

        Return what is left. A batch without unfinished jobs may always make one, whatever room the
        account's other batches leave. Without ``may_expire`` the clock is not believed.
        """
        batch = self._find(batch_id)
        if batch.status is BatchStatus.CANCELLING:
            self._stop(batch, CANCELLED)
        elif may_expire and batch.expires_at <= self.clock.now():
            self._stop(batch, EXPIRED)
        self._collect(batch)
        with self.db.read() as conn:
            unfinished = len(repository.created_jobs(conn, batch_id))
            room = self._room(conn, batch) if batch.status in _WORKING else 0
            pending = repository.next_pending(conn, batch_id, max(1, room))
        return BatchProgress(pending[:room] if unfinished else pending, unfinished)

    def record_created(self, batch: Batch, number: int, made: CreatedLine) -> None:
        """Record the job of a line."""
        with self.db.write() as conn:
            repository.set_created(conn, batch.id, number, made)

    def record_failed(self, batch: Batch, number: int, failure: LineFailure) -> None:
        """Record that a line's request was refused."""
        with self.db.write() as conn:
            repository.end_line(
                conn, batch.id, number, LineState.PENDING, LineState.FAILED, failure
            )

    def finish(self, batch_id: UUID, answer: Answer) -> None:
        """Write the result files of a batch whose lines all have results, and end it."""
        batch, now = self._find(batch_id), self.clock.now()
        if batch.status is BatchStatus.IN_PROGRESS:
            with self.db.write() as conn:
                repository.move(
                    conn, batch_id, [batch.status], BatchStatus.FINALIZING, finalizing_at=now
                )
            batch = self._find(batch_id)
        if batch.status not in _WORKING:
            return
        results = ResultFiles(batch)
        self._write_lines(batch, results, answer)
        output, errors = (one and self._store(batch, *one) for one in results.finish())
        self._end(batch, output, errors)

    def _check(self, conn: sa.Connection, caller: Caller, new: NewBatch) -> None:
        now, file_id = self.clock.now(), new.input_file_id
        file = file_rows.find_own(conn, caller.account_id, file_id, now)
        if file is None:
            raise rules.not_found("input_file_id")
        if file.purpose != rules.BATCH:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                f"The purpose of this file is '{file.purpose}', not 'batch'.",
                param="input_file_id",
                hint="Upload a JSONL file with the purpose 'batch'.",
            )
        if repository.count_unfinished(conn, caller.account_id) >= MAX_UNFINISHED_BATCHES:
            raise HinodeError(
                ErrorCode.TOO_MANY_JOBS,
                f"This account has {MAX_UNFINISHED_BATCHES} unfinished batches, its limit.",
                hint="Wait for one to end, or cancel one.",
                retry_after=RETRY_AFTER_S,
            )

    def _find(self, batch_id: UUID) -> Batch:
        with self.db.read() as conn:
            batch = repository.find(conn, batch_id)
        if batch is None:
            raise LookupError("a batch is never removed")
        return batch

    def _input(self, batch: Batch) -> Spooled | None:
        try:
            with self.db.read() as conn:
                file = rules.get(conn, batch.account_id, batch.input_file_id, self.clock)
            return self.store.spool(file.key)
        except (HinodeError, ObjectMissing):
            return None

    def _validate(self, batch: Batch) -> None:
        content, now = self._input(batch), self.clock.now()
        if content is None:
            errors = [FileError("file_not_found", "The input file was deleted.")]
        else:
            found, errors = check_file(content.path, batch.endpoint, self.max_lines)
        new = [BatchStatus.VALIDATING]
        with self.db.write() as conn:
            if errors:
                if repository.move(conn, batch.id, new, BatchStatus.FAILED, failed_at=now):
                    repository.set_errors(conn, batch.id, errors)
                    self._notify(conn, batch, BatchStatus.FAILED)
            elif repository.move(conn, batch.id, new, BatchStatus.IN_PROGRESS, in_progress_at=now):
                repository.insert_lines(conn, batch.id, found)

    def _stop(self, batch: Batch, reason: LineNotRun) -> None:
        """Cancel the unfinished jobs of a batch and fail its unfinished lines."""
        with self.db.write() as conn:
            if reason is EXPIRED:
                repository.move(
                    conn,
                    batch.id,
                    [BatchStatus.IN_PROGRESS],
                    BatchStatus.FINALIZING,
                    finalizing_at=self.clock.now(),
                    expired_at=self.clock.now(),
                )
            repository.fail_pending(conn, batch.id, reason)
            for number, job_id in repository.created_jobs(conn, batch.id).items():
                if self.lifecycle.cancel(conn, job_id, notify=False):
                    repository.end_line(
                        conn, batch.id, number, LineState.CREATED, LineState.FAILED, reason
                    )

    def _collect(self, batch: Batch) -> None:
        with self.db.read() as conn:
            if not repository.ended_jobs(conn, batch.id):
                return
        with self.db.write() as conn:
            ended = repository.ended_jobs(conn, batch.id)
            for number, _, state in ended:
                done = state is JobState.COMPLETED
                target = LineState.COMPLETED if done else LineState.FAILED
                repository.end_line(conn, batch.id, number, LineState.CREATED, target)
            done_jobs = [job_id for _, job_id, state in ended if state is JobState.COMPLETED]
            repository.prolong_files(conn, done_jobs, batch.expires_at + RESULTS_LIFETIME)

    def _room(self, conn: sa.Connection, batch: Batch) -> int:
        """Return how many jobs the batch may make now: half of what its limits allow, at most."""
        key = keys.by_id(conn, batch.key_id) if batch.key_id else None
        of_key = key.limits.max_unfinished if key else None
        limits = [one for one in (self.max_unfinished, of_key) if one]
        most = min([MAX_UNFINISHED_LINES, *(max(1, one // 2) for one in limits)])
        return max(0, most - repository.count_created(conn, batch.account_id))

    def _write_lines(self, batch: Batch, results: ResultFiles, answer: Answer) -> None:
        with self.db.read() as conn:
            for some in repository.lines(conn, batch.id):
                found = job_rows.find_many(conn, [one.job_id for one in some if one.job_id])
                jobs = {job.id: job for job in found}
                for line in some:
                    job = jobs.get(line.job_id) if line.job_id else None
                    results.add(line, line.failure or answer(line, job))

    def _store(self, batch: Batch, name: str, content: Spooled) -> File:
        now, file_id = self.clock.now(), new_id()
        lifetime = rules.lifetime(rules.BATCH, batch.output_lifetime)
        file = File(
            id=file_id,
            account_id=batch.account_id,
            name=name,
            purpose=rules.BATCH_OUTPUT,
            content_type=rules.JSON_LINES,
            bytes=content.size,
            key=f"files/{file_id.hex}",
            created_at=now,
            expires_at=now + lifetime if lifetime else None,
        )
        self.store.put_file(file.key, content.path, file.content_type)
        return file

    def _end(self, batch: Batch, output: File | None, errors: File | None) -> None:
        target, values = self._final(batch)
        with self.db.write() as conn:
            ended = repository.move(
                conn,
                batch.id,
                [batch.status],
                target,
                output_file_id=output.id if output else None,
                error_file_id=errors.id if errors else None,
                **values,
            )
            if ended:
                for file in filter(None, (output, errors)):
                    file_rows.insert(conn, file)
                self._notify(conn, batch, target)
        if not ended:
            self.store.delete([one.key for one in (output, errors) if one])

    def _final(self, batch: Batch) -> tuple[BatchStatus, dict[str, object]]:
        now = self.clock.now()
        if batch.cancelling_at is not None:
            return BatchStatus.CANCELLED, {"cancelled_at": now}
        if batch.expired_at is not None:
            return BatchStatus.EXPIRED, {}
        return BatchStatus.COMPLETED, {"completed_at": now}

    def _notify(self, conn: sa.Connection, batch: Batch, status: BatchStatus) -> None:
        self.deliveries.send_event(conn, batch.account_id, _EVENTS[status], batch.public_id)


def no_batch() -> HinodeError:
    """Return the error for an id of no batch of the account."""
    return HinodeError(
        ErrorCode.BATCH_NOT_FOUND, "There is no such batch in this account.", param="batch_id"
    )


def _own(conn: sa.Connection, caller: Caller, batch_id: UUID) -> Batch:
    batch = repository.find_own(conn, caller.account_id, batch_id)
    if batch is None:
        raise no_batch()
    return batch
