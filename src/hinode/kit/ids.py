"""Time-ordered 128-bit ids, and their text in each dialect."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import datetime
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


def min_id_at(moment: datetime) -> UUID:
    """Return an id that sorts before every id made from this moment on."""
    millis = max(0, int(moment.timestamp() * 1000))
    return UUID(int=(millis << 80) | (0x7 << 76) | (0b10 << 62))


def to_video_id(value: UUID) -> str:
    """Return an id as text of the OpenAI dialect: ``video_`` and 32 hexadecimal digits."""
    return encode_id("video_", value)


def from_video_id(text: str) -> UUID | None:
    """Parse an OpenAI-dialect id; None when the text is not one."""
    return decode_id("video_", text)


def encode_id(prefix: str, value: UUID) -> str:
    """Return an id as the prefix of its kind and 32 hexadecimal digits."""
    return f"{prefix}{value.hex}"


def decode_id(prefix: str, text: str) -> UUID | None:
    """Parse an id with this prefix; None when the text is not one."""
    digits = text.removeprefix(prefix)
    if digits == text or len(digits) != 32:
        return None
    try:
        return UUID(hex=digits)
    except ValueError:
        return None


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base32 in lower case: in the order of the bits, so that ids sort by time."""
_DIGIT_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_SHORT_LENGTH = 26


def encode_short_id(prefix: str, value: UUID, index: int = 0) -> str:
    """Return an id as a prefix and 26 characters of base32, as the Sora backend does.

    The characters have 130 bits: the two beyond the id are an index from 0 to 3.
    """
    if not 0 <= index < 4:
        raise ValueError(f"an index is 0 to 3, not {index}")
    number = (index << 128) | value.int
    digits = [_ALPHABET[(number >> shift) & 31] for shift in range(5 * (_SHORT_LENGTH - 1), -1, -5)]
    return prefix + "".join(digits)


def decode_short_id(prefix: str, text: str) -> tuple[UUID, int] | None:
    """Parse an id and its index, in either case; None when the text is not one."""
    digits = text.removeprefix(prefix).lower()
    if not text.startswith(prefix) or len(digits) != _SHORT_LENGTH:
        return None
    number = 0
    for letter in digits:
        if letter not in _DIGIT_VALUES:
            return None
        number = (number << 5) | _DIGIT_VALUES[letter]
    return UUID(int=number & ((1 << 128) - 1)), number >> 128
