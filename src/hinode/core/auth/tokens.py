"""Sign and verify access tokens (JSON Web Tokens).

The claims are those that clients of the Sora backend read: ``exp``, ``email`` of the profile
object, and ``user_id`` and ``chatgpt_plan_type`` of the auth object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hinode.core.accounts.types import Profile
from hinode.core.auth.types import Audience
from hinode.kit.ids import decode_id, encode_id
from hinode.kit.jwt_keys import JwtKeys

ISSUER = "hinode"
_AUDIENCES = {Audience.SORA: "hinode", Audience.APP: "hinode-app"}
USER = "user-"
PROFILE_CLAIM = "https://api.openai.com/profile"
AUTH_CLAIM = "https://api.openai.com/auth"


@dataclass(frozen=True, slots=True)
class Access:
    """The verified claims of an access token: its account, session, expiry and audience."""

    account_id: UUID
    session_id: UUID
    expires_at: datetime
    audience: Audience


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed access token and its expiry."""

    secret: str
    expires_at: datetime


def sign(
    keys: JwtKeys,
    profile: Profile,
    session_id: UUID,
    audience: Audience,
    now: datetime,
    lasts: timedelta,
) -> AccessToken:
    """Sign an access token of a session, valid for ``lasts``, at least a second."""
    begins = int(now.timestamp())
    ends = begins + max(1, int(lasts.total_seconds()))
    user = encode_id(USER, profile.account_id)
    claims = {
        "iss": ISSUER,
        "aud": [_AUDIENCES[audience]],
        "sub": user,
        "iat": begins,
        "exp": ends,
        "sid": session_id.hex,
        PROFILE_CLAIM: {"email": profile.email, "email_verified": False},
        AUTH_CLAIM: {"user_id": user, "chatgpt_plan_type": profile.plan.value},
    }
    return AccessToken(keys.sign(claims), datetime.fromtimestamp(ends, UTC))


def read(keys: JwtKeys, token: str) -> Access | None:
    """Return the claims of a token; None when its signature, issuer or audience is not ours.

    The expiry is not checked here: the caller reports an expired token with its own error.
    """
    claims = keys.decode(token, issuer=ISSUER, audiences=list(_AUDIENCES.values()))
    return None if claims is None else _access(claims)


def _access(claims: Mapping[str, Any]) -> Access | None:
    audience = next((one for one, name in _AUDIENCES.items() if claims["aud"] == [name]), None)
    account = decode_id(USER, str(claims.get("sub")))
    session = decode_id("sid-", f"sid-{claims.get('sid')}")
    expires = claims.get("exp")
    if not (account and session and audience) or not isinstance(expires, int):
        return None
    try:
        moment = datetime.fromtimestamp(expires, UTC)
    except (ValueError, OverflowError, OSError):  # out of the range of datetime
        return None
    return Access(account, session, moment, audience)
