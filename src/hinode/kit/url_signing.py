"""Sign paths of links that work without a key until they expire (HMAC-SHA256)."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from hinode.kit.named_keys import KeySource

_KEY_BYTES = 32
_SIGNATURE_BYTES = 16
"""Half of the MAC: 128 bits, the least that RFC 2104 §5 allows, keep URLs short."""


class UrlSigner:
    """Signs paths with the current key and checks them with all that are honoured."""

    def __init__(self, keys: KeySource) -> None:
        self._keys = keys

    def sign(self, path: str, expires: int) -> str:
        """Return the signature of a path in hex, valid until ``expires`` in Unix seconds."""
        return _signature(self._keys.current().secret, path, expires)

    def verify(self, path: str, expires: int, signature: str) -> bool:
        """Return whether the signature is ours; each comparison takes constant time."""
        given = signature.encode("utf-8", "replace")
        return any(
            hmac.compare_digest(_signature(key.secret, path, expires).encode(), given)
            for key in self._keys.honoured()
        )


def new_signing_key() -> bytes:
    """Return a new key of 256 bits, in hex."""
    return secrets.token_hex(_KEY_BYTES).encode()


def _signature(key: bytes, path: str, expires: int) -> str:
    mac = hmac.digest(key, f"{expires}\n{path}".encode(), hashlib.sha256)
    return mac[:_SIGNATURE_BYTES].hex()
