"""Encrypt secrets that must be read again.

The library is large and loaded with the first secret: many servers have none.
"""

from __future__ import annotations

import base64
import secrets

from hinode.kit.named_keys import KeySource, NamedKey

_KEY_BYTES = 32


class DecryptionError(Exception):
    """The text was encrypted with another key, or was changed."""


class SecretBox:
    """Encrypts and decrypts short texts (Fernet: AES-128-CBC and HMAC-SHA256).

    Its keys are 32 bytes in URL-safe Base64. An encrypted text begins with the id of its key
    and a dot.
    """

    def __init__(self, keys: KeySource) -> None:
        self._keys = keys

    def encrypt(self, text: str) -> str:
        """Return the text encrypted with the current key."""
        key = self._keys.current()
        return f"{_prefix(key)}{encrypt_with(key.secret, text)}"

    def decrypt(self, encrypted: str) -> str:
        """Return the decrypted text. Raises :class:`DecryptionError`."""
        name, _, token = encrypted.partition(".")
        return decrypt_with(self._key(name).secret, token)

    def prefix(self) -> str:
        """Return the beginning of the texts that are encrypted with the current key."""
        return _prefix(self._keys.current())

    def _key(self, name: str) -> NamedKey:
        for key in self._keys.honoured():
            if key.id == name:
                return key
        raise DecryptionError("this text was encrypted with a key that is not here")


def _prefix(key: NamedKey) -> str:
    return f"{key.id}."


def encrypt_with(key: bytes, text: str) -> str:
    """Return a text encrypted with this key."""
    from cryptography.fernet import Fernet

    return Fernet(key).encrypt(text.encode()).decode()


def decrypt_with(key: bytes, encrypted: str) -> str:
    """Return a text decrypted with this key. Raises :class:`DecryptionError`."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(key).decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise DecryptionError("this text was encrypted with another key") from None


def new_encryption_key() -> bytes:
    """Return a new key."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES))
