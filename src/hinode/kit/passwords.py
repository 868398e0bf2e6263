"""Password hashing: Argon2id, with the parameters of OWASP's password cheat sheet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from argon2 import PasswordHasher


class Parameters(NamedTuple):
    """The costs of a hash."""

    memory_kib: int
    passes: int
    lanes: int


PARAMETERS = Parameters(memory_kib=19_456, passes=2, lanes=1)

# A hash takes 19 MB and a core: many log-ins at once must not take all of both. One thread, because
# the C library keeps the memory of each thread.
_EXECUTOR = ThreadPoolExecutor(1, thread_name_prefix="hinode-password")


def hash_password(password: str) -> str:
    """Return the hash of a password; takes about 20 ms and 19 MB."""
    return _EXECUTOR.submit(_hash, password).result()


def verify_password(stored: str | None, password: str) -> bool:
    """Return whether the password matches; no hash takes as long, against timing attacks."""
    return _EXECUTOR.submit(_verify, stored, password).result()


def _hash(password: str) -> str:
    return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def _verify(stored: str | None, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(stored or _dummy_hash(), password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    # Loaded by the first log-in: most servers have none.
    from argon2 import PasswordHasher

    memory_kib, passes, lanes = PARAMETERS
    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    return _hasher().hash(b"nobody")
