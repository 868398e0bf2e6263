"""The batch workflow: make the requests of a file a few at a time, and write their results.

It is one step that reads from the database where it stands, so it is repeated after a crash: a line
that has a job gets no other one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import structlog

from hinode.core.batches.service import BatchService
from hinode.core.batches.types import (
    Batch,
    BatchLine,
    BatchProgress,
    CreatedLine,
    LineFailure,
    LineResponse,
)
from hinode.core.batches.validation import RequestReader
from hinode.core.jobs.types import Job
from hinode.kit.spool import Spooled
from hinode.workflows.host_retry import HostRetry

ROUND_SECONDS = 0.5
"""Pause between two looks at the jobs of a batch."""

PAUSE_AFTER_ERROR_SECONDS = 30.0

log = structlog.get_logger("hinode.batches")


class BatchClient(Protocol):
    """Makes the requests of one batch as if its client had sent them."""

    async def create(self, number: int, body: dict[str, Any]) -> CreatedLine | LineFailure | None:
        """Create the job of a line; None to try again later."""
        ...

    def answer(self, line: BatchLine, job: Job | None) -> LineResponse:
        """Return the response of a line whose job has ended."""
        ...


class BatchClients(Protocol):
    """Opens clients for batches."""

    def open(self, batch: Batch) -> AbstractAsyncContextManager[BatchClient]:
        """Return a client for one batch."""
        ...


@dataclass(frozen=True, slots=True)
class BatchRunner:
    """Works off one batch per call; ``may_expire`` returns whether the clock is believed."""

    batches: BatchService
    clients: BatchClients
    may_expire: Callable[[], bool]
    retry: HostRetry

    async def run(self, batch_id: UUID) -> None:
        """Work off a batch to its end, unless it has ended.

        After an error that nobody expected it begins again: a batch must not stay unfinished.
        """
        while True:
            try:
                await self._run(batch_id)
                return
            except Exception:
                log.exception("a batch failed unexpectedly; it is tried again", batch=batch_id.hex)
            await self.retry.pause(PAUSE_AFTER_ERROR_SECONDS)

    async def _run(self, batch_id: UUID) -> None:
        batch = await self.retry.call(self.batches.begin, batch_id)
        if batch is None:
            return
        content = await self.retry.call(self.batches.open_input, batch)
        async with self.clients.open(batch) as client:
            await self._run_lines(batch, client, content)
            await self.retry.call(self.batches.finish, batch_id, client.answer)
        log.info("batch ended", batch=batch.public_id)

    async def _run_lines(self, batch: Batch, client: BatchClient, content: Spooled | None) -> None:
        reader = None if content is None else RequestReader(content.path)
        while True:
            progress = await self.retry.call(self._advance, batch.id)
            if progress.done:
                return
            for number in progress.next_lines:
                if reader is None or not await self._run_line(batch, client, reader, number):
                    break
            await self.retry.pause(ROUND_SECONDS)

    def _advance(self, batch_id: UUID) -> BatchProgress:
        return self.batches.advance(batch_id, may_expire=self.may_expire())

    async def _run_line(
        self, batch: Batch, client: BatchClient, reader: RequestReader, number: int
    ) -> bool:
        """Make the request of a line; False when it is to be tried again later."""
        made = await client.create(number, reader.body(number))
        if made is None:
            return False
        if isinstance(made, CreatedLine):
            await self.retry.call(self.batches.record_created, batch, number, made)
        else:
            await self.retry.call(self.batches.record_failed, batch, number, made)
        return True
