"""Sign and verify tokens (JWT, RS256) with our own key; publish its public half."""

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
"""Longest token that is verified, in characters."""

_ALGORITHM = "RS256"
_PEM_HEADER = b"-----BEGIN PRIVATE KEY-----"
_REMEDY = (
    "Restore it from a backup; or remove it: a new one is created, and everybody logs in again."
)


class JwtKeys:
    """Signs and verifies tokens. The key is created or read when it is first needed.

    Raises :class:`InvalidKeyFile` at once for a file that is no key.
    """

    def __init__(self, path: Path) -> None:
        # Loading the key would import a large library, which a start does not need.
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
        """Return the claims of a token with this key, issuer and audience, else None.

        The expiry is not checked: the caller has the clock.
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
    """Return the key's id: its thumbprint (RFC 7638)."""
    text = json.dumps(_jwk_numbers(numbers), separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _base64url(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
