"""Callbacks: the webhook of one job, sent to the URL that the job was created with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import service as accounts
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import repository
from hinode.core.jobs.options import Callback
from hinode.core.jobs.overview import OutputFile, videos_of
from hinode.core.jobs.types import Job, JobState
from hinode.core.pagination import Page, PageQuery, paginate
from hinode.core.webhooks import delivery_log
from hinode.core.webhooks.callback_headers import CallbackHeader, CallbackHeaders
from hinode.core.webhooks.callback_secrets import CallbackSecrets, RotatedCallbackSecret
from hinode.core.webhooks.delivery import DeliveryLifecycle
from hinode.core.webhooks.receiver_urls import check_receiver_url, split_credentials
from hinode.core.webhooks.types import DeliveryLogEntry, DeliveryTarget, Event
from hinode.kit.addresses import AllowList
from hinode.kit.ids import new_id

if TYPE_CHECKING:
    from hinode.db.database import Database

EVENTS = {
    JobState.COMPLETED: "task.completed",
    JobState.FAILED: "task.failed",
    # The dialect that has callbacks shows a canceled job as a failed one.
    JobState.CANCELED: "task.failed",
}
"""Event types in the delivery log; receivers see the status in the body."""

RenderBody = Callable[[Job, Callback, Sequence[OutputFile]], str]


@dataclass(frozen=True, slots=True)
class CallbackListener:
    """Callbacks of jobs, their log and their secrets; methods raise :class:`HinodeError`.

    ``render_body`` runs once for each event, so that every attempt sends the same body.
    """

    db: Database
    secrets: CallbackSecrets
    headers: CallbackHeaders
    deliveries: DeliveryLifecycle
    allow: AllowList
    render_body: RenderBody

    def ended(self, conn: sa.Connection, job_id: UUID, state: JobState) -> None:
        """Send the callback of a job, if it has one, in the transaction that ends the job."""
        job = repository.find(conn, job_id)
        callback = job.options.callback if job else None
        if job is None or callback is None:
            return
        event = Event(
            id=new_id(),
            account_id=job.account_id,
            type=EVENTS[state],
            job_id=job.id,
            body=self.render_body(job, callback, videos_of(conn, [job.id])[job.id]),
            created_at=self.deliveries.clock.now(),
        )
        self.deliveries.send(conn, event, [DeliveryTarget(url=callback.url)])

    def accept(self, url: str, base_url: str) -> Callback:
        """Return the callback of a URL; a user and password in it become an encrypted header.

        Raises :class:`HinodeError` if the URL is not allowed.
        """
        plain, authorization = split_credentials(url)
        check_receiver_url(plain, self.allow, "callback_url")
        encrypted = authorization and self.secrets.secret_box.encrypt(authorization)
        return Callback(plain, base_url, encrypted)

    def headers_of(self, account: str) -> list[CallbackHeader]:
        """Return the headers of the callbacks of the account with this name, without values."""
        with self.db.read() as conn:
            return self.headers.of_account(conn, accounts.get(conn, account).id)

    def set_header(self, account: str, name: str, value: str) -> CallbackHeader:
        """Set a header of the callbacks of the account with this name, from the next attempt on."""
        with self.db.write() as conn:
            return self.headers.set(conn, accounts.get(conn, account).id, name, value)

    def remove_header(self, account: str, name: str) -> None:
        """Remove a header of the callbacks of the account with this name."""
        with self.db.write() as conn:
            self.headers.remove(conn, accounts.get(conn, account).id, name)

    def page(self, caller: Caller, wanted: PageQuery) -> Page[DeliveryLogEntry]:
        """Return a page of the account's callbacks, newest first."""
        with self.db.read() as conn:
            return paginate(wanted, partial(delivery_log.callbacks, conn, caller.account_id))

    def resend(self, caller: Caller, event_id: UUID) -> DeliveryLogEntry:
        """Send a callback of the account again, with the same id and body."""
        with self.db.write() as conn:
            _own(conn, caller, event_id)
            self.deliveries.resend_within(conn, event_id)
            return _own(conn, caller, event_id)

    def secret(self, caller: Caller) -> str:
        """Return the secret that signs the account's callbacks, created at first use."""
        with self.db.write() as conn:
            return self.secrets.reveal(conn, caller.account_id)

    def rotate(self, caller: Caller) -> RotatedCallbackSecret:
        """Replace the account's secret; the old one also signs for 24 hours."""
        with self.db.write() as conn:
            return self.secrets.rotate(conn, caller.account_id)

    def secret_of(self, account: str) -> str:
        """Return the secret of the account with this name, for the operator."""
        with self.db.write() as conn:
            return self.secrets.reveal(conn, accounts.get(conn, account).id)

    def rotate_of(self, account: str) -> RotatedCallbackSecret:
        """Replace the secret of the account with this name, for the operator."""
        with self.db.write() as conn:
            return self.secrets.rotate(conn, accounts.get(conn, account).id)


def _own(conn: sa.Connection, caller: Caller, event_id: UUID) -> DeliveryLogEntry:
    found = delivery_log.callback(conn, caller.account_id, event_id)
    if found is None:
        raise no_callback()
    return found


def no_callback() -> HinodeError:
    """Return the error for a callback that is unknown, or another account's."""
    return HinodeError(
        ErrorCode.EVENT_NOT_FOUND,
        "This account has no such callback; they are kept for 30 days.",
        param="id",
    )
