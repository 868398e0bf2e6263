"""Read the claims of tokens without verifying them: other issuers' keys are not known here."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MAX_TOKEN_LENGTH = 8_192
"""Characters of a token that is looked at."""

_SEGMENTS = 3
_PROFILE_CLAIM = "https://api.openai.com/profile"


def unverified_claims(token: str) -> Mapping[str, Any]:
    """Return the claims of a JWT (RFC 7519); none for anything else. They prove nothing."""
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
    """Return when a token says that it expires."""
    seconds = unverified_claims(token).get("exp")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def unverified_email(token: str) -> str | None:
    """Return the e-mail address in the profile claim that tokens for Sora's backend carry."""
    profile = unverified_claims(token).get(_PROFILE_CLAIM)
    email = profile.get("email") if isinstance(profile, dict) else None
    return email.lower() if isinstance(email, str) and "@" in email else None
