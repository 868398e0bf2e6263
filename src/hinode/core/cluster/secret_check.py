"""Bind a database to the secret of its hosts, and refuse a host with another one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hinode.core.cluster import repository
from hinode.core.cluster.keyring import Keyring, new_key
from hinode.core.cluster.types import KeyPurpose, SecretError
from hinode.kit.clock import Clock
from hinode.kit.cluster_secret import ClusterSecret, create_secret, read_secret

if TYPE_CHECKING:
    from hinode.db.database import Database

_REMEDY = (
    "Give this host the secret of the others: HINODE_SECRET, or the file {path} "
    "(`hinode secret show` on a host that works names it)."
)


# Needed inside of others' transactions, in which none can be stored. The others take a while.
_AT_START = (KeyPurpose.LINKS, KeyPurpose.ENCRYPTION)


def open_keyring(db: Database, given: str, path: Path, clock: Clock) -> Keyring:
    """Open the keys of a database with the given secret, else with that in the file.

    The first start on an empty database creates the file and binds the database to the secret.
    Raises :class:`SecretError`, :class:`hinode.kit.key_file.InvalidKeyFile`, ``OSError``.
    """
    secret = ClusterSecret(given) if given else read_secret(path)
    with db.read() as conn:
        known = repository.secret_ids(conn)
    if secret is None:
        if known:
            raise SecretError(
                "This database's keys are encrypted with a secret that this host has not. "
                + _REMEDY.format(path=path)
            )
        secret = create_secret(path)
    if not known:
        known = _bind(db, secret, clock)
    if secret.id not in known:
        raise SecretError(
            f"The secret of this host ({secret.id[:8]}) is not the one of the database "
            f"({', '.join(sorted(one[:8] for one in known))}). " + _REMEDY.format(path=path)
        )
    keyring = Keyring(db, secret, clock)
    keyring.refresh()
    return keyring


def _bind(db: Database, secret: ClusterSecret, clock: Clock) -> set[str]:
    """Store the first keys, unless another host was quicker; return the ids of the secrets."""
    first = [new_key(secret, purpose, clock.now()) for purpose in _AT_START]
    with db.write() as conn:
        repository.lock(conn)
        known = repository.secret_ids(conn)
        if not known:
            for key in first:
                repository.insert(conn, secret, key)
        return known or {secret.id}
