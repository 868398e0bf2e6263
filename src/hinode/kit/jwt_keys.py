"""Signed tokens (JWT, RS256) by a key of our own, and its public half for others to check."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hinode.kit.key_file import InvalidKeyFile, load_or_create_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicNumbers

JWT_KEY_FILE = "jwt.key"
"""Name of the key's file in the data folder; servers of one database share it."""

MAX_TOKEN_LENGTH = 8_192
"""Characters of a token that is looked at."""

_ALGORITHM = "RS256"
_PEM_HEADER = b"-----BEGIN PRIVATE KEY-----"
_REMEDY = "Restore it from a backup; or remove it: a new one is made, and everybody logs in again."


class JwtKeys:
    """Signs and checks tokens. The key is made or read when it is first needed.

    Raises :class:`InvalidKeyFile` at once when there is a file that cannot hold a key.
    """

    def __init__(self, path: Path) -> None:
        # Loading it would import a large library, which a start has no use for.
        if path.exists() and not path.read_bytes().startswith(_PEM_HEADER):
            raise InvalidKeyFile(path, _REMEDY)
        self._path = path
        self._lock = threading.Lock()
        self._private: RSAPrivateKey | None = None
        self._kid = ""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a token with these claims. Raises ``OSError`` and :class:`InvalidKeyFile`."""
        import jwt

        key = self._key()
        return jwt.encode(dict(claims), key, _ALGORITHM, headers={"kid": self._kid})

    def decode(self, token: str, *, issuer: str, audience: str) -> Mapping[str, Any] | None:
        """Return the claims of a token that this key signed, by and for whom is said, else None.

        Whether it is still good is not looked at: that is for whoever has the clock.
        """
        import jwt

        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            return None
        options: Any = {"require": ["exp", "sub"], "verify_exp": False, "verify_iat": False}
        try:
            found: Mapping[str, Any] = jwt.decode(
                token,
                self._key().public_key(),
                algorithms=[_ALGORITHM],
                audience=audience,
                issuer=issuer,
                options=options,
            )
        except jwt.InvalidTokenError:
            return None
        return found

    def public_jwk(self) -> dict[str, Any]:
        """Return the public key as a JSON Web Key (RFC 7517)."""
        numbers = self._key().public_key().public_numbers()
        return {"use": "sig", "alg": _ALGORITHM, "kid": self._kid, **_jwk_numbers(numbers)}

    def _key(self) -> RSAPrivateKey:
        with self._lock:
            if self._private is None:
                self._private = _load(self._path, load_or_create_key(self._path, _new_key))
                self._kid = _thumbprint(self._private.public_key().public_numbers())
            return self._private


def _load(path: Path, pem: bytes) -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise InvalidKeyFile(path, _REMEDY)
    return key


def _new_key() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = generate_private_key(public_exponent=65_537, key_size=2_048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _jwk_numbers(numbers: RSAPublicNumbers) -> dict[str, str]:
    return {"e": _base64url(numbers.e), "kty": "RSA", "n": _base64url(numbers.n)}


def _thumbprint(numbers: RSAPublicNumbers) -> str:
    """Return the key's name: RFC 7638, so that the same key always has the same one."""
    text = json.dumps(_jwk_numbers(numbers), separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _base64url(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
