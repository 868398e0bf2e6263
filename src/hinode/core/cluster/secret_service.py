"""Rotate the cluster's keys, and change the secret that encrypts them, while hosts run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hinode.core.cluster import repository
from hinode.core.cluster.keyring import Keyring, new_key
from hinode.core.cluster.types import ACTIVATION, ClusterKey, KeyPurpose, SecretError
from hinode.kit.cluster_secret import ClusterSecret

if TYPE_CHECKING:
    import sqlalchemy as sa

KEPT_WHILE_USED = frozenset({KeyPurpose.ENCRYPTION, KeyPurpose.PROVENANCE})
"""Purposes whose old keys have no end of their own: something stored or signed needs them."""


@dataclass(frozen=True, slots=True)
class SecretService:
    """Changes the secret and rotates the keys, for the operator.

    ``lifetimes`` has the time for which signatures of links and tokens last at most.
    """

    keyring: Keyring
    lifetimes: Mapping[KeyPurpose, timedelta]

    def secret_ids(self) -> set[str]:
        """Return the ids of the secrets that open this database: two while it is changed."""
        with self.keyring.db.read() as conn:
            return repository.secret_ids(conn)

    def stored_keys(self) -> tuple[ClusterKey, ...]:
        """Return all stored keys, newest first."""
        with self.keyring.db.read() as conn:
            return repository.keys(conn, self.keyring.secret)

    def rotate(self, *, at_once: bool) -> datetime:
        """Replace every key; return the time from which the new ones sign.

        Old links, tokens and encrypted texts stay valid for their time. With ``at_once``, after a
        leak, old links and tokens end now, and old provenance is not trusted any more.
        Raises :class:`SecretError` while the secret is changed.
        """
        now = self.keyring.clock.now()
        signs_at = now if at_once else now + ACTIVATION
        new = [new_key(self.keyring.secret, purpose, signs_at) for purpose in KeyPurpose]
        with self.keyring.db.write() as conn:
            self._lock_unchanged(conn)
            for key in new:
                self._replace(conn, key, at_once=at_once)
        return signs_at

    def change(self, new: ClusterSecret) -> None:
        """Encrypt every key with a new secret too: hosts may have the old or the new one.

        Raises :class:`SecretError` while it is changed already.
        """
        for purpose in KeyPurpose:
            # One that is made later would be known to hosts with its maker's secret only.
            self.keyring.keys(purpose)
        with self.keyring.db.write() as conn:
            self._lock_unchanged(conn)
            repository.copy(conn, self.keyring.secret, new)

    def finish(self) -> int:
        """End the old secrets: hosts that have not got this one cannot start any more.

        Return the number of keys that were deleted with them.
        """
        with self.keyring.db.write() as conn:
            repository.lock(conn)
            return repository.keep_only(conn, self.keyring.secret)

    def _replace(self, conn: sa.Connection, new: ClusterKey, *, at_once: bool) -> None:
        purpose = new.purpose
        old = [one.id for one in repository.keys(conn, self.keyring.secret, purpose)]
        repository.insert(conn, self.keyring.secret, new)
        if at_once and purpose is not KeyPurpose.ENCRYPTION:
            repository.delete(conn, purpose, old)
        elif purpose not in KEPT_WHILE_USED:
            repository.honour_until(conn, purpose, old, new.signs_at + self.lifetimes[purpose])

    def _lock_unchanged(self, conn: sa.Connection) -> None:
        repository.lock(conn)
        if len(repository.secret_ids(conn)) > 1:
            raise SecretError(
                "The secret is being changed: two secrets open this database. Give every host "
                "the new one, then run `hinode secret finish`."
            )
