"""E-mail addresses: their form, and when two of them are the same."""

from __future__ import annotations

import re
import unicodedata

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.text_checks import check_storable

LONGEST_EMAIL = 254
# Only the form: a local part, an @ and a domain. No mail is sent to verify an address.
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f.]+(?:\.[^@\s\x00-\x1f.]+)*")
_PARTS = re.compile(r"[.@]")
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})
"""Scripts that are written together, and with Latin letters: the "highly restrictive" profile of
https://www.unicode.org/reports/tr39/."""


def normalize_email(text: str) -> str:
    """Return the form by which addresses are compared: NFKC, in lower case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.strip()).lower())


def check_email(email: str) -> str:
    """Return the address in its normal form. Raises :class:`HinodeError` for an invalid one."""
    check_storable(email, "email")
    normal = normalize_email(email)
    if len(normal) > LONGEST_EMAIL or not _EMAIL.fullmatch(normal):
        raise _invalid("'email' is not a valid e-mail address.", "Use the form name@example.com.")
    if any(_mixes_scripts(part) for part in _PARTS.split(normal)):
        raise _invalid(
            "'email' mixes letters of several alphabets in one word, which can look like another"
            " address.",
            "Write each part of the address in one alphabet.",
        )
    return normal


def _mixes_scripts(part: str) -> bool:
    scripts = {unicodedata.name(one, "?").split(" ")[0] for one in part if one.isalpha()}
    return len(scripts) > 1 and not scripts <= _EAST_ASIAN | {"LATIN"}


def _invalid(message: str, hint: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param="email", hint=hint)
