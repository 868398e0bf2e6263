"""API key secrets: create, hash and compare them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string

PREFIX = "sk-"
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 48


def new_secret() -> str:
    """Return ``sk-`` and 48 random letters and digits (about 285 bits)."""
    return PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def digest(secret: str) -> str:
    """Return the SHA-256 of a secret in hexadecimal, which is stored instead of it.

    A plain hash is enough: the secret is random and far too long to be guessed.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def digests_equal(left: str, right: str) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(left, right)


def hint(secret: str) -> str:
    """Return the part of a secret that is shown to tell keys apart."""
    return f"{secret[:6]}…{secret[-4:]}"
