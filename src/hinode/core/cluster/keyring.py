"""The cluster's keys as a process holds them: created when first needed, read again meanwhile."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from hinode.core.cluster import repository
from hinode.core.cluster.types import ClusterKey, KeyPurpose, SecretError
from hinode.kit.clock import Clock
from hinode.kit.cluster_secret import ClusterSecret
from hinode.kit.jwt_keys import new_token_key
from hinode.kit.named_keys import NamedKey
from hinode.kit.secret_box import new_encryption_key
from hinode.kit.url_signing import new_signing_key
from hinode.media.signing_identity import new_signing_identity

if TYPE_CHECKING:
    import sqlalchemy as sa

    from hinode.db.database import Database

log = structlog.get_logger("hinode.cluster")


@dataclass(slots=True)
class Keyring:
    """The keys of one database, opened with its secret.

    Links are signed in the event loop, so the keys are read into memory, in another thread.
    """

    db: Database
    secret: ClusterSecret
    clock: Clock
    _keys: Mapping[KeyPurpose, tuple[ClusterKey, ...]] = field(default_factory=dict)
    _decrypted: dict[str, NamedKey] = field(default_factory=dict, repr=False)

    def refresh(self) -> None:
        """Read the keys. Raises ``sqlalchemy.exc.SQLAlchemyError``."""
        with self.db.read() as conn:
            self._take(repository.keys(conn, self.secret))

    def keys(self, purpose: KeyPurpose) -> tuple[ClusterKey, ...]:
        """Return the keys of a purpose, newest first; create one if there is none.

        Creating opens a transaction: tokens and files are signed outside of any.
        """
        return self._keys.get(purpose) or self._create(purpose)

    def decrypt(self, key: ClusterKey) -> NamedKey:
        """Return a key that can be used."""
        known = self._decrypted.get(key.id)
        if known is None:
            known = NamedKey(key.id, self.secret.decrypt(key.encrypted).encode())
            self._decrypted[key.id] = known
        return known

    def _create(self, purpose: KeyPurpose) -> tuple[ClusterKey, ...]:
        # Made before the transaction: an RSA key takes a while, and others want to write.
        new = new_key(self.secret, purpose, self.clock.now())
        with self.db.write() as conn:
            self._take(ensure(conn, self.secret, new))
        return self._keys[purpose]

    def _take(self, found: Sequence[ClusterKey]) -> None:
        if not found and self._keys:
            # The secret was changed while this process ran: it goes on with what it has read.
            log.warning("the secret of this host has ended", remedy="restart with the new secret")
            return
        self._keys = {
            purpose: tuple(key for key in found if key.purpose is purpose) for purpose in KeyPurpose
        }


@dataclass(frozen=True, slots=True)
class ClusterKeySource:
    """The keys of one purpose, as signers and secret boxes use them."""

    keyring: Keyring
    purpose: KeyPurpose

    def current(self) -> NamedKey:
        """Return the newest key that signs already."""
        now, keys = self.keyring.clock.now(), self.keyring.keys(self.purpose)
        # A clock behind that of the host which made the first key finds none that signs.
        return self.keyring.decrypt(next((one for one in keys if one.signs_at <= now), keys[-1]))

    def honoured(self) -> Sequence[NamedKey]:
        """Return the keys that have not ended, also those that do not sign yet."""
        now, keys = self.keyring.clock.now(), self.keyring.keys(self.purpose)
        return [
            self.keyring.decrypt(one)
            for one in keys
            if one.honoured_until is None or one.honoured_until > now
        ]


def ensure(conn: sa.Connection, secret: ClusterSecret, new: ClusterKey) -> tuple[ClusterKey, ...]:
    """Store a key unless its purpose has one already; return all keys.

    Raises :class:`SecretError` when the database is bound to other secrets.
    """
    repository.lock(conn)
    found = repository.keys(conn, secret)
    if not found and repository.secret_ids(conn):
        raise SecretError("The secret of this host has ended: restart it with the new one.")
    if any(key.purpose is new.purpose for key in found):
        return found
    repository.insert(conn, secret, new)
    return (new, *found)


def new_key(secret: ClusterSecret, purpose: KeyPurpose, signs_at: datetime) -> ClusterKey:
    """Return a new key that is not stored yet."""
    content, public = _MAKERS[purpose]()
    encrypted = secret.encrypt(content.decode())
    return ClusterKey(purpose, secrets.token_hex(8), encrypted, public, signs_at, None)


def _identity() -> tuple[bytes, str]:
    made = new_signing_identity()
    return made.to_json(), made.authority.decode()


def _without_public_half(make: Callable[[], bytes]) -> Callable[[], tuple[bytes, str]]:
    return lambda: (make(), "")


_MAKERS: Mapping[KeyPurpose, Callable[[], tuple[bytes, str]]] = {
    KeyPurpose.LINKS: _without_public_half(new_signing_key),
    KeyPurpose.TOKENS: _without_public_half(new_token_key),
    KeyPurpose.ENCRYPTION: _without_public_half(new_encryption_key),
    KeyPurpose.PROVENANCE: _identity,
}
