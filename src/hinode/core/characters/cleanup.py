"""Periodic cleanup: remove old cameos and deleted characters with their files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hinode.core.characters import cameo_repository, repository
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

RETENTION = timedelta(days=7)
"""Time for which a cameo can become a character, and jobs can use a deleted character's image."""


@dataclass(frozen=True, slots=True)
class CharacterCleanup:
    """Cleanup of characters; safe to run in several processes at once."""

    db: Database
    store: ObjectStore
    clock: Clock

    def run(self) -> int:
        """Remove old cameos and deleted characters; return the number of removed files."""
        before = self.clock.now() - RETENTION
        with self.db.write() as conn:
            keys = {*repository.purge(conn, before), *cameo_repository.purge(conn, before)}
            # A character may use the image of its cameo, so a purged cameo's image can be in use.
            unused = keys - repository.known_keys(conn, list(keys))
        self.store.delete(unused)
        return len(unused)


def known_keys(conn: sa.Connection, keys: Sequence[str]) -> set[str]:
    """Return the keys among ``keys`` that belong to a character or a cameo."""
    return repository.known_keys(conn, keys) | cameo_repository.known_keys(conn, keys)
