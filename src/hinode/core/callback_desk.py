"""The verbs of callbacks for callers and the operator: which URLs, signed by what, sent again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import service as accounts
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page, PageQuery, paginate
from hinode.core.webhooks import log
from hinode.core.webhooks.callback_secrets import CallbackSecrets, Rotated
from hinode.core.webhooks.deliveries import DeliveryService
from hinode.core.webhooks.receivers import checked_url
from hinode.core.webhooks.types import LogEntry
from hinode.kit.addresses import AllowList

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class CallbackDesk:
    """All verbs raise :class:`hinode.core.errors.HinodeError`."""

    db: Database
    secrets: CallbackSecrets
    deliveries: DeliveryService
    allow: AllowList

    def check(self, url: str) -> str:
        """Return a callback's URL unchanged if it may be told."""
        return checked_url(url, self.allow, "callback_url")

    def secret(self, caller: Caller) -> str:
        """Return the secret that signs the callbacks of the caller's account."""
        with self.db.write() as conn:
            return self.secrets.shown(conn, caller.account_id)

    def rotate(self, caller: Caller) -> Rotated:
        """Give the caller's account a new secret; the old one signs beside it for 24 hours."""
        with self.db.write() as conn:
            return self.secrets.rotate(conn, caller.account_id)

    def sent(self, caller: Caller, wanted: PageQuery) -> Page[LogEntry]:
        """Return some callbacks of the caller's account, newest first."""
        with self.db.read() as conn:
            return paginate(wanted, partial(log.callbacks, conn, caller.account_id))

    def resend(self, caller: Caller, event_id: UUID) -> LogEntry:
        """Send a callback of the caller's account anew, with the same id and body."""
        with self.db.write() as conn:
            _own(conn, caller, event_id)
            self.deliveries.resend(conn, event_id)
            return _own(conn, caller, event_id)

    def rotate_of(self, account: str) -> Rotated:
        """Give an account a new secret, by its name."""
        with self.db.write() as conn:
            return self.secrets.rotate(conn, accounts.get(conn, account).id)

    def secret_of(self, account: str) -> str:
        """Return the secret of an account by its name."""
        with self.db.write() as conn:
            return self.secrets.shown(conn, accounts.get(conn, account).id)


def _own(conn: sa.Connection, caller: Caller, event_id: UUID) -> LogEntry:
    found = log.callback(conn, caller.account_id, event_id)
    if found is None:
        raise no_callback()
    return found


def no_callback() -> HinodeError:
    """Return the refusal of a callback that is unknown, or another account's."""
    return HinodeError(
        ErrorCode.EVENT_NOT_FOUND,
        "This account has no such callback; they are kept for 30 days.",
        param="id",
    )
