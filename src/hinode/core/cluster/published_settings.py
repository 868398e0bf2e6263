"""The settings that a host published for all hosts of its database."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hinode.core.cluster.tables import published_settings
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database

_ROW = 1
"""The id of the only row."""


@dataclass(frozen=True, slots=True)
class Publication:
    """Published settings as JSON, with the name of the host and the time."""

    document: str
    host: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class PublishedSettings:
    """Reads and writes the published settings of one database."""

    db: Database
    clock: Clock

    def read(self) -> Publication | None:
        """Return the last publication, or None."""
        with self.db.read() as conn:
            row = conn.execute(published_settings.select()).one_or_none()
        return None if row is None else Publication(row.document, row.host, row.published_at)

    def publish(self, document: str) -> None:
        """Replace the publication by this one, of this host."""
        row = {
            "id": _ROW,
            "document": document,
            "host": socket.gethostname()[:255],
            "published_at": self.clock.now(),
        }
        with self.db.write() as conn:
            conn.execute(published_settings.delete())
            conn.execute(published_settings.insert().values(row))

    def withdraw(self) -> bool:
        """Delete the publication; False when there is none."""
        with self.db.write() as conn:
            return conn.execute(published_settings.delete()).rowcount > 0
