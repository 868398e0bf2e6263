"""Keeping secrets that must be read again: sealed with a key that lies beside the database."""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from hinode.kit.keyfile import read_key

KEY_FILE = "sealing.key"
"""Name of the key's file in the data folder; servers of one database share the key."""


class SealBroken(Exception):
    """The text was sealed with another key, or was changed."""


class Sealer:
    """Seals and opens short texts with one key (Fernet: AES-128-CBC and HMAC-SHA256)."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)

    def seal(self, text: str) -> str:
        """Return the text so that only :meth:`open` can read it."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the text. Raises :class:`SealBroken`."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealBroken("this text was sealed with another key") from None


def load_sealer(path: Path) -> Sealer:
    """Read the key in this file, for its owner only; the first start makes it.

    Raises ``OSError``, and ``ValueError`` when the file holds no key.
    """
    key = read_key(path, Fernet.generate_key)
    try:
        return Sealer(key)
    except ValueError as error:
        raise ValueError(f"{path} holds no key; restore it from a backup.") from error
