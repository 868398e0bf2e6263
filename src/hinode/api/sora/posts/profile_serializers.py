"""People and their characters as Sora's clients read them: §5 of the dialect's facts, profile."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hinode.api.signed_urls import SignedUrls
from hinode.api.sora.characters.serializers import character_json
from hinode.api.sora.drafts.ids import user_id
from hinode.core.accounts.types import Profile
from hinode.core.characters.user_search import FoundUser


def profile_json(profile: Profile) -> dict[str, Any]:
    """Return the profile of an account's person; it has no page and no picture here."""
    return {
        "user_id": user_id(profile.account_id),
        "username": profile.username,
        "display_name": profile.display_name,
        "profile_picture_url": None,
        "permalink": None,
        "verified": False,
        "follower_count": 0,
        # Only characters are put into videos.
        "can_cameo": False,
        "owner_profile": None,
    }


def user_json(person: FoundUser, viewer: UUID, links: SignedUrls, base: str) -> dict[str, Any]:
    """Return the profile of a person or a character, as the ``viewer``'s account may see it."""
    owner, character = person.profile, person.character
    if character is None:
        return profile_json(owner)
    return character_json(character, owner, links, base, own=owner.account_id == viewer)


def mention_json(person: FoundUser, viewer: UUID, links: SignedUrls, base: str) -> dict[str, Any]:
    """Return a hit of a search: the token that calls somebody in a prompt, and who that is."""
    profile = user_json(person, viewer, links, base)
    return {"token": f"<@{profile['user_id']}>", "profile": profile}
