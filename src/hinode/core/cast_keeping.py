"""What is left of old cameos and deleted characters goes after a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hinode.core.characters import cameo_repository, repository
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

KEPT = timedelta(days=7)
"""How long a cameo can become a character, and how long jobs find a deleted character's picture."""


@dataclass(frozen=True, slots=True)
class CastKeeping:
    """Sweeps that any process may run at any time, and several at once."""

    db: Database
    store: ObjectStore
    clock: Clock

    def sweep(self) -> int:
        """Forget old cameos and deleted characters. Returns how many files went with them."""
        before = self.clock.now() - KEPT
        with self.db.write() as conn:
            keys = {*repository.purge(conn, before), *cameo_repository.purge(conn, before)}
            unused = keys - repository.known_keys(conn, list(keys))
        self.store.delete(unused)
        return len(unused)
