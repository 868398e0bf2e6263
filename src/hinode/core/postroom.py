"""The verbs of deliveries for workers and the operator, each in its own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.accounts import repository as accounts
from hinode.core.accounts.types import Account
from hinode.core.webhooks import journal, log, repository
from hinode.core.webhooks.deliveries import DeliveryService
from hinode.core.webhooks.types import DeliveryState, Endpoint, LogEntry, Outcome, Parcel
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database

EVENTS_KEPT = timedelta(days=30)
"""How long events can be read in the log and sent again."""

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Postroom:
    """What workers do with deliveries, and what the operator sees of them."""

    db: Database
    deliveries: DeliveryService
    clock: Clock

    def take(self, delivery_id: UUID, number: int) -> Parcel | None:
        """Return what a try sends; None when there is nothing to do."""
        with self.db.write() as conn:
            return self.deliveries.take(conn, delivery_id, number)

    def settle(self, parcel: Parcel, outcome: Outcome) -> DeliveryState | None:
        """Log a try and decide what follows."""
        with self.db.write() as conn:
            return self.deliveries.settle(conn, parcel, outcome)

    def resend(self, event_id: UUID) -> int:
        """Send an event anew. Raises :class:`hinode.core.errors.HinodeError`."""
        with self.db.write() as conn:
            return self.deliveries.resend(conn, event_id)

    def endpoints(self) -> list[tuple[Endpoint, Account]]:
        """Return all endpoints with their accounts, oldest first."""
        with self.db.read() as conn:
            owners = {account.id: account for account in accounts.every(conn)}
            return [(one, owners[one.account_id]) for one in repository.every(conn)]

    def newest(self, limit: int) -> list[LogEntry]:
        """Return the newest deliveries, each with its last try."""
        with self.db.read() as conn:
            return log.newest(conn, limit)

    def history(self, event_id: UUID) -> list[LogEntry]:
        """Return every try of an event."""
        with self.db.read() as conn:
            return log.history(conn, event_id)

    def forget_old(self) -> int:
        """Forget events after a month, with all that was sent of them. Returns how many."""
        with self.db.write() as conn:
            return journal.forget_before(conn, self.clock.now() - EVENTS_KEPT, _BATCH)
