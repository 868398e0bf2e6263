"""The verbs of callbacks for callers and the operator: which URLs, and signed by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hinode.kit.addresses import AllowList
from hinode.studio.access.types import Caller
from hinode.studio.accounts import service as accounts
from hinode.studio.webhooks.callback_secrets import CallbackSecrets
from hinode.studio.webhooks.receivers import checked_url

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class CallbackDesk:
    """All verbs raise :class:`hinode.studio.errors.StudioError`."""

    db: Database
    secrets: CallbackSecrets
    allow: AllowList

    def check(self, url: str) -> str:
        """Return a callback's URL unchanged if it may be told."""
        return checked_url(url, self.allow, "callback_url")

    def secret(self, caller: Caller) -> str:
        """Return the secret that signs the callbacks of the caller's account."""
        with self.db.write() as conn:
            return self.secrets.shown(conn, caller.account_id)

    def secret_of(self, account: str) -> str:
        """Return the secret of an account by its name."""
        with self.db.write() as conn:
            return self.secrets.shown(conn, accounts.get(conn, account).id)
