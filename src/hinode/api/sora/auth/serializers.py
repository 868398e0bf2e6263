"""Accounts, invites and sessions as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hinode.api.sora.ids import user_id
from hinode.api.sora.profiles import profile_json
from hinode.core.accounts.types import Invites, Plan, PlanLimits, Profile
from hinode.core.auth.session_service import IssuedTokens
from hinode.core.catalog.types import Model
from hinode.core.jobs.quota import VideoQuota

_PLANS = {
    Plan.PLUS: ("chatgpt_plus", "ChatGPT Plus"),
    Plan.PRO: ("chatgpt_pro", "ChatGPT Pro"),
    Plan.TEAM: ("chatgpt_team", "ChatGPT Business"),
}
"""The names by which clients know plans; the free plan is no subscription."""

_NO_EXPIRY = "2099-12-31T23:59:59Z"
"""Clients expect an end; plans last until the operator changes them."""

PROVIDER = "hinode"


def me(profile: Profile) -> dict[str, Any]:
    """Return the caller's account."""
    return {
        "id": user_id(profile.account_id),
        "object": "user",
        "email": profile.email,
        "username": profile.username,
        "name": profile.display_name,
        "picture": None,
        "created_at": int(profile.created_at.timestamp()),
    }


def my_profile(profile: Profile) -> dict[str, Any]:
    """Return the caller's profile and account."""
    return {"profile": profile_json(profile), "my_info": me(profile)}


def subscriptions(profile: Profile) -> dict[str, Any]:
    """Return the account's plan; empty for the free one."""
    if profile.plan not in _PLANS:
        return {"data": []}
    plan, title = _PLANS[profile.plan]
    return {"data": [{"plan": {"id": plan, "title": title}, "end_ts": _NO_EXPIRY}]}


def invites(own: Invites) -> dict[str, Any]:
    """Return the account's own invite code."""
    return {"invite_code": own.code, "redeemed_count": own.redeemed, "total_count": own.total}


def check(quota: VideoQuota) -> dict[str, Any]:
    """Return the videos and credits that are left."""
    kind = "rate_limit_exhausted" if quota.is_exhausted else "ok"
    return {"type": kind, "rate_limit_and_credit_balance": quota.rate_limit_fields()}


def credit_balance(quota: VideoQuota) -> dict[str, Any]:
    """Return the credits that are left."""
    return {"credits": quota.rate_limit_fields()["credit_remaining"]}


def models(found: Sequence[Model]) -> dict[str, Any]:
    """Return the models."""
    return {"models": [{"id": one.id, "kind": one.kind.value} for one in found]}


def parameters(plan: Plan, limits: PlanLimits) -> dict[str, Any]:
    """Return the limits of the account's plan; 0: none."""
    return {
        "plan": plan.value,
        "videos_per_day": limits.videos_per_day,
        "max_concurrent_tasks": limits.max_unfinished,
        "invites": limits.invites,
    }


def session(issued: IssuedTokens) -> dict[str, Any]:
    """Return a session, which clients ask for again when the access token expires."""
    profile = issued.profile
    return {
        "user": {
            "id": user_id(profile.account_id),
            "name": profile.display_name,
            "email": profile.email,
            "image": None,
            "picture": None,
            "idp": PROVIDER,
            "iat": int(profile.created_at.timestamp()),
            "mfa": False,
        },
        "expires": _iso(issued.access.expires_at),
        "account": {
            "id": str(profile.account_id),
            "planType": profile.plan.value,
            "structure": "personal",
            "workspaceType": None,
            "organizationId": None,
            "isDelinquent": False,
            "gracePeriodId": None,
        },
        "accessToken": issued.access.secret,
        "authProvider": PROVIDER,
        "rumViewTags": {},
    }


def new_session(issued: IssuedTokens) -> dict[str, Any]:
    """Return a new session with its other tokens, which no later answer has."""
    return {
        **session(issued),
        "session_token": issued.cookie,
        "refresh_token": issued.refresh,
    }


def token_response(issued: IssuedTokens, now: datetime) -> dict[str, Any]:
    """Return new tokens for a refresh token."""
    return {
        "access_token": issued.access.secret,
        "refresh_token": issued.refresh,
        "expires_in": math.ceil((issued.access.expires_at - now).total_seconds()),
        "token_type": "Bearer",
    }


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
