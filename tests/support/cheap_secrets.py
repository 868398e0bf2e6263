"""Keys and passwords that cost no time, for the servers of the test process.

Each cluster makes an RSA key and each log-in hashes a password, for 50 ms and 30; that real ones
are as strong as they should be, the unit tests of both see.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import rsa

from hinode.kit import passwords

DISTINCT_KEYS = 3
"""How many keys come in turn: the next one is another."""

REAL_PARAMETERS = passwords.PARAMETERS
"""What hashes of passwords cost outside of the tests."""


def make_secrets_cheap() -> None:
    """Let this process make RSA keys only a few times, and hash passwords at the least cost."""
    vars(rsa).update(generate_private_key=_in_turn(rsa.generate_private_key))
    vars(passwords).update(PARAMETERS=passwords.Parameters(memory_kib=8, passes=1, lanes=1))


def _in_turn(
    generate: Callable[..., rsa.RSAPrivateKey],
) -> Callable[..., rsa.RSAPrivateKey]:
    turns = itertools.cycle(range(DISTINCT_KEYS))

    @functools.cache
    def made(_turn: int, exponent: int, size: int) -> rsa.RSAPrivateKey:
        return generate(public_exponent=exponent, key_size=size)

    def next_one(public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
        return made(next(turns), public_exponent, key_size)

    return next_one
