"""Types of the cluster's keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ACTIVATION = timedelta(seconds=60)
"""Time until a new key signs: by then every process has read it, also with a clock apart."""


class KeyPurpose(StrEnum):
    """The purpose of a key."""

    LINKS = "links"
    TOKENS = "tokens"
    ENCRYPTION = "encryption"
    PROVENANCE = "provenance"


@dataclass(frozen=True, slots=True)
class ClusterKey:
    """A key of the cluster, still encrypted.

    ``public`` is what may be known of it: the authority of a signing identity. It signs from
    ``signs_at`` on, until a newer one does, and is honoured until ``honoured_until``; None: while
    it is stored.
    """

    purpose: KeyPurpose
    id: str
    encrypted: str
    public: str
    signs_at: datetime
    honoured_until: datetime | None


class SecretError(Exception):
    """The secret of this host does not open the database's keys, or is being changed."""
