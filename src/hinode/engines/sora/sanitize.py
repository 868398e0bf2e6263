"""Sanitize messages of other servers: short, on one line, without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_LENGTH = 300
REDACTED = "***"

# JWTs, API keys, bearer tokens and session cookies.
_SECRETS = re.compile(
    r"eyJ[\w-]{8,}(?:\.[\w-]*){0,4}|\bsk-[\w-]{8,}|(?<=Bearer )\S+|(?<=session-token=)[^;\s]+",
    re.IGNORECASE,
)
_BLANK = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+"
)


def sanitize(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` on one line, without ``secrets`` and all that looks like one, cut if long."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, REDACTED)
    line = _BLANK.sub(" ", _SECRETS.sub(REDACTED, text)).strip()
    return line if len(line) <= MAX_LENGTH else f"{line[: MAX_LENGTH - 1]}…"
