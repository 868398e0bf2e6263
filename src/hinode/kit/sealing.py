"""Keeping secrets that must be read again: sealed with a key that lies beside the database.

The library that seals is large, and loaded with the first secret: many servers have none.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hinode.kit.keyfile import read_key

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY_FILE = "sealing.key"
"""Name of the key's file in the data folder; servers of one database share the key."""


_KEY_BYTES = 32


class SealBroken(Exception):
    """The text was sealed with another key, or was changed."""


class Sealer:
    """Seals and opens short texts with one key (Fernet: AES-128-CBC and HMAC-SHA256).

    The key is 32 bytes in URL-safe Base64. Raises ``ValueError`` for any other.
    """

    def __init__(self, key: bytes) -> None:
        if not _is_key(key):
            raise ValueError("the key is not 32 bytes in URL-safe Base64")
        self._key = key

    def seal(self, text: str) -> str:
        """Return the text so that only :meth:`open` can read it."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the text. Raises :class:`SealBroken`."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealBroken("this text was sealed with another key") from None

    @cached_property
    def _fernet(self) -> Fernet:
        from cryptography.fernet import Fernet

        return Fernet(self._key)


def load_sealer(path: Path) -> Sealer:
    """Read the key in this file, for its owner only; the first start makes it.

    Raises ``OSError``, and ``ValueError`` when the file holds no key.
    """
    key = read_key(path, _new_key)
    try:
        return Sealer(key)
    except ValueError as error:
        raise ValueError(f"{path} holds no key; restore it from a backup.") from error


def _new_key() -> bytes:
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES))


def _is_key(key: bytes) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == _KEY_BYTES
    except binascii.Error:
        return False
