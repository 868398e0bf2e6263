"""HTTP clients of the tests: made at once, and patient.

Each new client of httpx reads all certificates of the world, for a few dozen milliseconds; the
tests make thousands, and hardly one of them speaks TLS.
"""

from __future__ import annotations

import functools

from httpx._config import DEFAULT_TIMEOUT_CONFIG
from httpx._transports import default

PATIENCE_SECONDS = 30.0


def make_clients_quickly() -> None:
    """Let clients share what they know of TLS, and wait for busy machines unless told otherwise."""
    vars(default).update(create_ssl_context=functools.cache(vars(default)["create_ssl_context"]))
    kinds = ("connect", "read", "write", "pool")
    vars(DEFAULT_TIMEOUT_CONFIG).update(dict.fromkeys(kinds, PATIENCE_SECONDS))
