"""Passwords: Argon2id, with the parameters that OWASP's password cheat sheet names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_MEMORY_KIB, _PASSES, _LANES = 19_456, 2, 1

# Each one takes 19 MB and a core: a crowd at the door must not take all of both. And one thread,
# because the C library keeps for each thread what it once gave to it.
_EXECUTOR = ThreadPoolExecutor(1, thread_name_prefix="hinode-password")


def hash_password(password: str) -> str:
    """Return what is stored instead of a password; takes about 20 ms and 19 MB."""
    return _EXECUTOR.submit(_hash, password).result()


def verify_password(stored: str | None, password: str) -> bool:
    """Say whether this is the password; None takes as long, so that nobody learns who has one."""
    return _EXECUTOR.submit(_verify, stored, password).result()


def _hash(password: str) -> str:
    return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def _verify(stored: str | None, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(stored or _dummy_hash(), password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    # Loaded by the first login: most servers never see one.
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    return _hasher().hash(b"nobody")
