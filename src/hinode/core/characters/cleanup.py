"""Removes old cameos and deleted characters, and their files."""

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
"""How long a cameo can become a character, and jobs find the image of a deleted character."""


@dataclass(frozen=True, slots=True)
class CharacterCleanup:
    """Cleanup that any process may run at any time, and several at once."""

    db: Database
    store: ObjectStore
    clock: Clock

    def run(self) -> int:
        """Remove old cameos and deleted characters. Returns how many files were removed."""
        before = self.clock.now() - RETENTION
        with self.db.write() as conn:
            keys = {*repository.purge(conn, before), *cameo_repository.purge(conn, before)}
            unused = keys - repository.known_keys(conn, list(keys))
        self.store.delete(unused)
        return len(unused)


def known_keys(conn: sa.Connection, keys: Sequence[str]) -> set[str]:
    """Return those of these storage keys that characters and cameos have."""
    return repository.known_keys(conn, keys) | cameo_repository.known_keys(conn, keys)
