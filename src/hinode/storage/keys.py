"""The grammar of object keys: one that means the same on a disk and in a bucket."""

from __future__ import annotations

import re

MAX_KEY_LENGTH = 512
_SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
_KEY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")


def is_key(text: str) -> bool:
    """Return whether ``text`` is an object key.

    No segment starts with a dot, so ``..`` and our own staging folder cannot be named.
    """
    return len(text) <= MAX_KEY_LENGTH and _KEY.fullmatch(text) is not None


def check_key(key: str) -> str:
    """Return ``key``, or raise :class:`ValueError` when it is no key."""
    if not is_key(key):
        raise ValueError(
            f"{key[:80]!r} is no object key: use segments of letters, digits, '.', '_' and '-' "
            f"joined by '/', at most {MAX_KEY_LENGTH} characters, none starting with '.' or '-'."
        )
    return key
