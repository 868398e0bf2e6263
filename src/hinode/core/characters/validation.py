"""Validation of the fields of characters; all functions raise :class:`HinodeError`."""

from __future__ import annotations

import math

from hinode.core.characters.types import Range
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.text_checks import check_storable

MAX_NAME_LENGTH = 80
MAX_INSTRUCTIONS_LENGTH = 5_000
MAX_RANGE_SECONDS = 15.0
"""Maximum length of the range of a clip from which a character is made."""


def check_name(name: str, param: str = "name") -> str:
    """Return a character's name without surrounding white space."""
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= MAX_NAME_LENGTH:
        raise _invalid(param, f"A character's name has 1 to {MAX_NAME_LENGTH} characters.")
    check_storable(trimmed, param)
    return trimmed


def check_consent(required: bool, stated: bool) -> None:
    """Reject a clip without a statement of consent where the operator asks for one."""
    if required and not stated:
        raise HinodeError(
            ErrorCode.MISSING_VALUE,
            "This server makes characters only with the consent of the person shown.",
            param="consent",
            hint="Send 'consent': true if the person in the clip agrees.",
        )


def check_instructions(text: str | None, param: str) -> None:
    """Reject instructions that are too long or cannot be stored."""
    if text is None:
        return
    if len(text) > MAX_INSTRUCTIONS_LENGTH:
        raise _invalid(param, f"'{param}' has at most {MAX_INSTRUCTIONS_LENGTH} characters.")
    check_storable(text, param)


def check_range(chosen: Range) -> None:
    """Reject a range that is empty, too long or not within any clip."""
    if not all(map(math.isfinite, (chosen.begin, chosen.end))) or chosen.begin < 0:
        raise _invalid("timestamps", "'timestamps' are finite seconds, 0 or more.")
    if not chosen.begin < chosen.end <= chosen.begin + MAX_RANGE_SECONDS:
        raise _invalid(
            "timestamps",
            f"'timestamps' are a start and an end, at most {MAX_RANGE_SECONDS:g} seconds later.",
            "Use 0,3 for the first three seconds.",
        )


def _invalid(param: str, message: str, hint: str = "") -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param, hint=hint)
