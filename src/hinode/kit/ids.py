"""Time-ordered 128-bit ids, and how the dialects spell them."""

from __future__ import annotations

import secrets
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562) that sorts after every earlier one of this process."""
    global _last  # noqa: PLW0603 - the order of ids is per process
    millis = time.time_ns() // 1_000_000
    candidate = (millis << 74) | secrets.randbits(74)
    with _lock:
        # The 74 random bits double as a counter: within a millisecond ids still go up.
        _last = max(candidate, _last + 1)
        value = _last
    high, low = value >> 62, value & ((1 << 62) - 1)
    timestamp, random_a = high >> 12, high & 0xFFF
    return UUID(int=(timestamp << 80) | (0x7 << 76) | (random_a << 64) | (0b10 << 62) | low)


def to_video_id(value: UUID) -> str:
    """Spell an id for the OpenAI dialect: ``video_`` and 32 hexadecimal digits."""
    return spell("video_", value)


def from_video_id(text: str) -> UUID | None:
    """Read an OpenAI-dialect id; None when the text is not one."""
    return unspell("video_", text)


def spell(prefix: str, value: UUID) -> str:
    """Spell an id as a prefix that names its kind and 32 hexadecimal digits."""
    return f"{prefix}{value.hex}"


def unspell(prefix: str, text: str) -> UUID | None:
    """Read an id with this prefix; None when the text is not one."""
    digits = text.removeprefix(prefix)
    if digits == text or len(digits) != 32:
        return None
    try:
        return UUID(hex=digits)
    except ValueError:
        return None
