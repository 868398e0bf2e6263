"""A key in its own file, readable by the owner only; created if it is missing."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class InvalidKeyFile(Exception):
    """A file that is no valid key; the message names it and the remedy."""

    def __init__(self, path: Path, remedy: str) -> None:
        super().__init__(f"{path} holds no key. {remedy}")


def load_or_create_key(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the key in this file; create it if it is missing. Raises ``OSError``.

    The first of several processes wins.
    """
    if not path.exists():
        with _draft(path, make()) as draft, suppress(FileExistsError):
            path.hardlink_to(draft)
    return path.read_bytes().strip()


def replace_key(path: Path, key: bytes) -> None:
    """Write a key atomically in the place of another. Raises ``OSError``."""
    with _draft(path, key) as draft:
        draft.rename(path)


@contextmanager
def _draft(path: Path, key: bytes) -> Iterator[Path]:
    """Write a key into a file beside, which is gone after the block."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
