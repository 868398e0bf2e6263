"""People and their characters as Sora's clients read them: §5 of the dialect's facts, profile."""

from __future__ import annotations

from typing import Any

from hinode.api.sora.drafts.ids import user_id
from hinode.studio.accounts.types import Profile


def profile_json(profile: Profile) -> dict[str, Any]:
    """Return the profile of an account's person; it has no page of its own here."""
    return {
        "user_id": user_id(profile.account_id),
        "username": profile.username,
        "display_name": profile.display_name,
        "profile_picture_url": None,
        "permalink": None,
        "verified": False,
        "follower_count": 0,
        "can_cameo": False,
        "owner_profile": None,
    }
