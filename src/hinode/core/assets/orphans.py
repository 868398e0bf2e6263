"""Remove orphans: stored objects without a row, left by a crash between storing and the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

MIN_ORPHAN_AGE = timedelta(hours=6)
"""Minimum age of an orphan: the row of a younger object may not be committed yet."""

_BATCH = 200


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """The storage key prefixes of a domain; ``known`` returns the given keys that have a row."""

    prefixes: Sequence[str]
    known: Callable[[sa.Connection, Sequence[str]], set[str]]


@dataclass(frozen=True, slots=True)
class OrphanCleanup:
    """Cleanup of orphans; safe to run in several processes at once."""

    db: Database
    store: ObjectStore
    clock: Clock
    domains: Sequence[StoredKeys]

    def run(self) -> int:
        """Remove the orphans of all domains; return their number."""
        return sum(self._remove_unknown(one) for one in self.domains)

    def _remove_unknown(self, domain: StoredKeys) -> int:
        before = self.clock.now() - MIN_ORPHAN_AGE
        found = chain.from_iterable(self.store.list(prefix) for prefix in domain.prefixes)
        old = (one.key for one in found if one.modified < before)
        removed = 0
        for keys in _batches(old):
            with self.db.read() as conn:
                known = domain.known(conn, keys)
            orphans = [key for key in keys if key not in known]
            self.store.delete(orphans)
            removed += len(orphans)
        return removed


def _batches(keys: Iterable[str]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    for key in keys:
        batch.append(key)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
