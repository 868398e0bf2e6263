"""Sign paths of links that work without a key until they expire (HMAC-SHA256)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from hinode.kit.key_file import InvalidKeyFile, load_or_create_key

_KEY_BYTES = 32
_SIGNATURE_BYTES = 16
"""Half of the MAC: 128 bits, the least that RFC 2104 §5 allows, keep URLs short."""
_REMEDY = (
    "Restore it from a backup; or remove it: a new one is created, and old links stop working."
)


class UrlSigner:
    """Signs and checks paths with one key."""

    def __init__(self, key: bytes) -> None:
        if len(key) < _KEY_BYTES:
            raise ValueError(f"a signing key has at least {_KEY_BYTES} bytes")
        self._key = key

    def sign(self, path: str, expires: int) -> str:
        """Return the signature of a path in hex, valid until ``expires`` in Unix seconds."""
        mac = hmac.digest(self._key, f"{expires}\n{path}".encode(), hashlib.sha256)
        return mac[:_SIGNATURE_BYTES].hex()

    def verify(self, path: str, expires: int, signature: str) -> bool:
        """Return whether the signature is ours, in constant time."""
        expected = self.sign(path, expires)
        return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def load_url_signer(path: Path) -> UrlSigner:
    """Return the signer of the key in this file; create the key if it is missing.

    Raises ``OSError`` and :class:`InvalidKeyFile`.
    """
    key = load_or_create_key(path, lambda: secrets.token_hex(_KEY_BYTES).encode())
    try:
        return UrlSigner(key)
    except ValueError as error:
        raise InvalidKeyFile(path, _REMEDY) from error
