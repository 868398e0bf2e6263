"""Keys with ids, one of which signs or encrypts while the others are still honoured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key and its id, which is no secret."""

    id: str
    secret: bytes = field(repr=False)


class KeySource(Protocol):
    """A source of the keys of one purpose, which change while a process runs."""

    def current(self) -> NamedKey:
        """Return the key that signs and encrypts now."""

    def honoured(self) -> Sequence[NamedKey]:
        """Return the keys whose signatures hold, and that decrypt: the current one and others."""


@dataclass(frozen=True, slots=True)
class FixedKeys:
    """Keys that do not change; the first is the current one."""

    keys: tuple[NamedKey, ...]

    @classmethod
    def of(cls, secret: bytes) -> FixedKeys:
        """Return the source of a single key."""
        return cls((NamedKey("fixed", secret),))

    def current(self) -> NamedKey:
        """Return the first key."""
        return self.keys[0]

    def honoured(self) -> Sequence[NamedKey]:
        """Return all keys."""
        return self.keys
