"""Sign and verify tokens (JWT, RS256) with our own keys; publish their public halves."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hinode.kit.named_keys import KeySource, NamedKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

MAX_TOKEN_LENGTH = 8_192
"""Longest token that is verified, in characters."""

_ALGORITHM = "RS256"


class JwtKeys:
    """Signs tokens with the current key, verifies them with the one that they name.

    Keys are RSA private keys in PEM; a token names its key by ``kid``.
    """

    def __init__(self, keys: KeySource) -> None:
        self._keys = keys

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a token with these claims."""
        import jwt

        key = self._keys.current()
        return jwt.encode(dict(claims), _load(key.secret), _ALGORITHM, headers={"kid": key.id})

    def decode(
        self, token: str, *, issuer: str, audiences: Sequence[str]
    ) -> Mapping[str, Any] | None:
        """Return the claims of a token of ours for one of the audiences, else None.

        The expiry is not checked: the caller has the clock.
        """
        import jwt

        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            return None
        options: Any = {"require": ["exp", "sub"], "verify_exp": False, "verify_iat": False}
        try:
            key = self._find(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                return None
            found: Mapping[str, Any] = jwt.decode(
                token,
                _load(key.secret).public_key(),
                algorithms=[_ALGORITHM],
                audience=audiences,
                issuer=issuer,
                options=options,
            )
        except jwt.InvalidTokenError:
            return None
        return found

    def public_jwks(self) -> list[dict[str, Any]]:
        """Return the public keys as JSON Web Keys (RFC 7517)."""
        return [_public_jwk(key) for key in self._keys.honoured()]

    def _find(self, kid: object) -> NamedKey | None:
        return next((key for key in self._keys.honoured() if key.id == kid), None)


def new_token_key() -> bytes:
    """Return a new RSA private key of 2,048 bits in PEM."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = generate_private_key(public_exponent=65_537, key_size=2_048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@lru_cache(maxsize=16)
def _load(pem: bytes) -> RSAPrivateKey:
    """Return the parsed key. Raises ``ValueError`` for anything else."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    # It is as this module made it, and encrypted where it was kept: the test of its primes, which
    # takes longer than a start otherwise does, can find nothing.
    key = load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("the key of tokens is no RSA key")
    return key


def _public_jwk(key: NamedKey) -> dict[str, Any]:
    numbers = _load(key.secret).public_key().public_numbers()
    return {
        "use": "sig",
        "alg": _ALGORITHM,
        "kid": key.id,
        "e": _base64url(numbers.e),
        "kty": "RSA",
        "n": _base64url(numbers.n),
    }


def _base64url(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
