"""The verbs of what an account made and is making, as the Sora dialect shows it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.auth.types import Caller
from hinode.core.drafts import repository, service
from hinode.core.drafts.types import Draft, DraftPage, Place, Task, TaskPage
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class Gallery:
    """What callers may look at and tidy up. All methods raise :class:`HinodeError`.

    A job leaves :meth:`pending` and comes to :meth:`drafts` in one transaction, with its files.
    """

    db: Database
    clock: Clock

    def pending(self, caller: Caller) -> list[Task]:
        """Return the account's video jobs that have not ended, whoever made them, newest first."""
        with self.db.read() as conn:
            return service.pending(conn, caller.account_id)

    def drafts(self, caller: Caller, limit: int, after: Place | None) -> DraftPage:
        """Return a page of what became of the account's video jobs, the last to end first."""
        with self.db.read() as conn:
            return service.page(conn, caller.account_id, limit, after, self.clock.now())

    def draft(self, caller: Caller, place: Place) -> Draft:
        """Return a draft of the caller's account."""
        with self.db.read() as conn:
            return service.one(conn, caller.account_id, place, self.clock.now())

    def of_places(self, places: Collection[Place]) -> list[Draft]:
        """Return drafts of any accounts, for those whose right to them was checked before."""
        with self.db.read() as conn:
            return service.of_places(conn, places, self.clock.now())

    def review(self, caller: Caller, place: Place) -> Draft:
        """Note that the owner has opened a draft, and return it."""
        with self.db.write() as conn:
            service.one(conn, caller.account_id, place, self.clock.now())
            repository.mark_reviewed(conn, [place])
            return service.one(conn, caller.account_id, place, self.clock.now())

    def recent(
        self, caller: Caller, limit: int, before: UUID | None, *, videos: bool = True
    ) -> TaskPage:
        """Return a page of the account's pictures, and videos if asked for, the newest first."""
        with self.db.read() as conn:
            now = self.clock.now()
            return service.recent(conn, caller.account_id, limit, before, now, videos=videos)
