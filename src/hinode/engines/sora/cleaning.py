"""Makes texts of other servers fit to be shown: short, on one line, and without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 300
HIDDEN = "***"

# JWTs, API keys, and whatever follows the word Bearer or stands in a session cookie.
_SECRETS = re.compile(
    r"eyJ[\w-]{8,}(?:\.[\w-]*){0,4}|\bsk-[\w-]{8,}|(?<=Bearer )\S+|(?<=session-token=)[^;\s]+",
    re.IGNORECASE,
)
_BLANK = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+"
)


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` on one line, without ``secrets`` and all that looks like one, cut if long."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    line = _BLANK.sub(" ", _SECRETS.sub(HIDDEN, text)).strip()
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
