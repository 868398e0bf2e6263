"""A key in its own file, readable by the owner only; created if it is missing."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class InvalidKeyFile(Exception):
    """A file that is no valid key; the message names it and the remedy."""

    def __init__(self, path: Path, remedy: str) -> None:
        super().__init__(f"{path} holds no key. {remedy}")


def load_or_create_key(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the key in this file; create it if it is missing. Raises ``OSError``."""
    if not path.exists():
        _write(path, make())
    return path.read_bytes().strip()


def _write(path: Path, key: bytes) -> None:
    """Write a new key atomically; the first of several processes wins."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
