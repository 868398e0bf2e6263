"""Encrypt secrets that must be read again, with a key in the data folder.

The library is large and loaded with the first secret: many servers have none.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hinode.kit.key_file import InvalidKeyFile, load_or_create_key

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

ENCRYPTION_KEY_FILE = "encryption.key"
"""Name of the key's file in the data folder; servers of one database share the key."""


_KEY_BYTES = 32
_REMEDY = "Restore it from a backup: what is encrypted with it cannot be read without it."


class DecryptionError(Exception):
    """The text was encrypted with another key, or was changed."""


class SecretBox:
    """Encrypts and decrypts short texts with one key (Fernet: AES-128-CBC and HMAC-SHA256).

    The key is 32 bytes in URL-safe Base64. Raises ``ValueError`` for any other.
    """

    def __init__(self, key: bytes) -> None:
        if not _is_key(key):
            raise ValueError("the key is not 32 bytes in URL-safe Base64")
        self._key = key

    def encrypt(self, text: str) -> str:
        """Return the encrypted text."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, encrypted: str) -> str:
        """Return the decrypted text. Raises :class:`DecryptionError`."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(encrypted.encode()).decode()
        except InvalidToken:
            raise DecryptionError("this text was encrypted with another key") from None

    @cached_property
    def _fernet(self) -> Fernet:
        from cryptography.fernet import Fernet

        return Fernet(self._key)


def load_secret_box(path: Path) -> SecretBox:
    """Return the secret box of the key in this file; create the key if it is missing.

    Raises ``OSError`` and :class:`InvalidKeyFile`.
    """
    key = load_or_create_key(path, _new_key)
    try:
        return SecretBox(key)
    except ValueError as error:
        raise InvalidKeyFile(path, _REMEDY) from error


def _new_key() -> bytes:
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES))


def _is_key(key: bytes) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == _KEY_BYTES
    except binascii.Error:
        return False
