"""Read the claims of tokens of other issuers without verifying them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MAX_TOKEN_LENGTH = 8_192
"""Longest token that is parsed, in characters."""

_SEGMENTS = 3
_PROFILE_CLAIM = "https://api.openai.com/profile"


def unverified_claims(token: str) -> Mapping[str, Any]:
    """Return the claims of a JWT (RFC 7519); empty for anything else. They are unverified."""
    parts = token.split(".")
    if len(parts) != _SEGMENTS or len(token) > MAX_TOKEN_LENGTH:
        return {}
    middle = parts[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def unverified_expiry(token: str) -> datetime | None:
    """Return the expiry that a token claims."""
    seconds = unverified_claims(token).get("exp")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def unverified_email(token: str) -> str | None:
    """Return the e-mail address in the profile claim of tokens for Sora's backend."""
    profile = unverified_claims(token).get(_PROFILE_CLAIM)
    email = profile.get("email") if isinstance(profile, dict) else None
    return email.lower() if isinstance(email, str) and "@" in email else None
