"""Telling the one URL that a job was made with how the job has ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs import repository
from hinode.core.jobs.options import Callback
from hinode.core.jobs.search import OutputFile, videos_of
from hinode.core.jobs.types import Job, JobState
from hinode.core.webhooks.deliveries import DeliveryService
from hinode.core.webhooks.types import Event, Target
from hinode.kit.ids import new_id

EVENTS = {
    JobState.COMPLETED: "task.completed",
    JobState.FAILED: "task.failed",
    # The dialect that has callbacks shows a canceled job as a failed one.
    JobState.CANCELED: "task.failed",
}
"""What the log calls them; the receiver sees the status in the body."""

Render = Callable[[Job, Callback, Sequence[OutputFile]], str]


@dataclass(frozen=True, slots=True)
class CallbackService:
    """A listener of jobs; ``render`` writes the body, once, so that every try sends the same."""

    deliveries: DeliveryService
    render: Render

    def ended(self, conn: sa.Connection, job_id: UUID, state: JobState) -> None:
        """Send the callback of a job that has one, from the transaction that ends the job."""
        job = repository.find(conn, job_id)
        callback = job.options.callback if job else None
        if job is None or callback is None:
            return
        event = Event(
            id=new_id(),
            account_id=job.account_id,
            type=EVENTS[state],
            job_id=job.id,
            body=self.render(job, callback, videos_of(conn, [job.id])[job.id]),
            created_at=self.deliveries.clock.now(),
        )
        self.deliveries.announce(conn, event, [Target(url=callback.url)])
