"""The one secret that the hosts of a database share; the keys in the database need it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from hinode.kit.key_file import InvalidKeyFile, load_or_create_key, replace_key
from hinode.kit.secret_box import decrypt_with, encrypt_with

SECRET_FILE = "secret.key"  # noqa: S105
"""Name of the secret's file in the data folder, when the setting ``secret`` is empty."""

MIN_LENGTH = 32
"""Fewest characters of a secret: 128 bits in hex. It is stretched by nothing."""

_REMEDY = "Restore it from a backup, or copy it from another host of the same database."


@dataclass(frozen=True, slots=True)
class ClusterSecret:
    """The secret, and what it encrypts."""

    text: str = field(repr=False)

    @property
    def id(self) -> str:
        """Return what names the secret without telling it."""
        return self._derive("id").hex()[:16]

    def encrypt(self, text: str) -> str:
        """Return a text encrypted with the secret."""
        return encrypt_with(self._key(), text)

    def decrypt(self, encrypted: str) -> str:
        """Return a decrypted text. Raises :class:`hinode.kit.secret_box.DecryptionError`."""
        return decrypt_with(self._key(), encrypted)

    def _key(self) -> bytes:
        return base64.urlsafe_b64encode(self._derive("encryption"))

    def _derive(self, purpose: str) -> bytes:
        # One block of HKDF-Expand (RFC 5869 §2.3): the secret has full entropy.
        info = f"hinode cluster {purpose}\x01".encode()
        return hmac.digest(self.text.encode(), info, hashlib.sha256)


def read_secret(path: Path) -> ClusterSecret | None:
    """Return the secret in this file; None when there is no file.

    Raises ``OSError`` and :class:`InvalidKeyFile`.
    """
    return _valid(path, path.read_bytes().strip()) if path.exists() else None


def create_secret(path: Path) -> ClusterSecret:
    """Return the secret in this file; create it if it is missing.

    Raises ``OSError`` and :class:`InvalidKeyFile`.
    """
    return _valid(path, load_or_create_key(path, _new_text))


def write_secret(path: Path, secret: ClusterSecret) -> None:
    """Replace the secret in this file. Raises ``OSError``."""
    replace_key(path, secret.text.encode())


def new_secret() -> ClusterSecret:
    """Return a new secret of 256 bits."""
    return ClusterSecret(secrets.token_hex(32))


def _new_text() -> bytes:
    return new_secret().text.encode()


def _valid(path: Path, content: bytes) -> ClusterSecret:
    if len(content) < MIN_LENGTH or not content.isascii():
        raise InvalidKeyFile(path, _REMEDY)
    return ClusterSecret(content.decode())
