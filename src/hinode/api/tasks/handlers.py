"""What each route of the tasks dialect asks of the studio: prove the caller, then one verb.

Plain synchronous code, so that a request needs one hop into a thread and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from hinode.api.tasks.queries import (
    read_callback_id,
    read_callback_query,
    read_task_id,
    read_task_query,
)
from hinode.api.tasks.requests import Creation
from hinode.api.usage import read_period
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.accounting import CreditSummary, Period, UsageRow
from hinode.core.jobs.options import Callback
from hinode.core.jobs.overview import AccountOverview, VideoFiles, VideoFilesPage
from hinode.core.jobs.requests import IdempotencyKey, VideoRequest
from hinode.core.jobs.service import JobService
from hinode.core.jobs.types import Job
from hinode.core.pagination import Page
from hinode.core.webhooks.callback_secrets import RotatedCallbackSecret
from hinode.core.webhooks.callbacks import CallbackService, no_callback
from hinode.core.webhooks.types import DeliveryLogEntry
from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class TaskVerbs:
    """The studio as this dialect uses it. All methods raise :class:`HinodeError`."""

    jobs: JobService
    overview: AccountOverview
    callbacks: CallbackService

    def caller(self, secret: str | None) -> Caller:
        """Prove who is calling."""
        return self.jobs.authenticate(secret, Scope.TASKS)

    def check(self, creation: Creation) -> None:
        """Raise for what is known to be wrong before its picture is there."""
        model = self.jobs.catalog.get(creation.model, MediaKind.VIDEO)
        self.jobs.catalog.resolve(creation.wish(model), MediaKind.VIDEO)
        if creation.callback_url is not None:
            self.callbacks.check_url(creation.callback_url)

    def create(
        self, caller: Caller, creation: Creation, image: bytes | None, key: str | None, base: str
    ) -> Job:
        """Make a job; ``key`` is the idempotency key, ``base`` that of links for the client."""
        model = self.jobs.catalog.get(creation.model, MediaKind.VIDEO)
        url = creation.callback_url
        if url is not None:
            self.callbacks.check_url(url)
        request = VideoRequest(
            creation.prompt,
            creation.wish(model),
            first_frame=image,
            idempotency=None if key is None else IdempotencyKey(key, creation.fingerprint()),
            callback=None if url is None else Callback(url, base),
        )
        return self.jobs.create_video(caller, request)

    def retrieve(self, secret: str | None, task_id: str) -> VideoFiles:
        """Find a task."""
        caller = self.caller(secret)
        return self.overview.video(caller, _known(task_id))

    def page(self, secret: str | None, query: Mapping[str, str]) -> VideoFilesPage:
        """List tasks."""
        caller, wanted = self.caller(secret), read_task_query(query)
        if wanted.model is not None:
            wanted = replace(wanted, model=self.jobs.catalog.get(wanted.model).id)
        return self.overview.videos(caller, wanted)

    def remove(self, secret: str | None, task_id: str) -> tuple[UUID, str]:
        """Cancel a task that has not ended, and forget one that has; return which it was.

        One that ends just now is kept: who asked to cancel it may want the video after all.
        """
        caller = self.caller(secret)
        job = self.overview.video(caller, _known(task_id)).job
        if job.state.ended:
            self.jobs.delete(caller, job.id)
            return job.id, "deleted"
        self.jobs.cancel(caller, job.id)
        return job.id, "canceled"

    def credits(self, secret: str | None) -> CreditSummary:
        """Return the account's credits."""
        return self.overview.credits(self.caller(secret))

    def usage(self, secret: str | None, query: Mapping[str, str]) -> tuple[Period, list[UsageRow]]:
        """Return what the account made, and in which period."""
        caller = self.caller(secret)
        period = read_period(query, self.overview.clock.now().date())
        return period, self.overview.usage(caller, period)

    def sent(self, secret: str | None, query: Mapping[str, str]) -> Page[DeliveryLogEntry]:
        """List the account's callbacks."""
        caller = self.caller(secret)
        return self.callbacks.page(caller, read_callback_query(query))

    def resend(self, secret: str | None, callback_id: str) -> DeliveryLogEntry:
        """Send a callback again."""
        caller, found = self.caller(secret), read_callback_id(callback_id)
        if found is None:
            raise no_callback()
        return self.callbacks.resend(caller, found)

    def rotate_secret(self, secret: str | None) -> RotatedCallbackSecret:
        """Give the account a new callback secret."""
        return self.callbacks.rotate(self.caller(secret))

    def callback_secret(self, secret: str | None) -> str:
        """Return what the account's callbacks are signed with."""
        return self.callbacks.secret(self.caller(secret))


def _known(task_id: str) -> UUID:
    found = read_task_id(task_id)
    if found is None:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND, "There is no such task in this account.", param="id"
        )
    return found
