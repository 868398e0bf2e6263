"""People and characters as profiles (§5 of the dialect's facts), and the account a path names."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hinode.api.character_image_urls import character_image_url
from hinode.api.signed_urls import SignedUrls
from hinode.api.sora.ids import cameo_id, character_id, parse_user_id, user_id
from hinode.core.accounts.types import Profile
from hinode.core.auth.types import Caller
from hinode.core.characters.types import Character, Visibility
from hinode.core.characters.user_search import FoundUser
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.account_service import AccountService

ME = "me"


def account_in_path(members: AccountService, caller: Caller, user: str) -> UUID:
    """Return the account that a path names by a user's id or by ``me``.

    Raises :class:`HinodeError` when there is none such.
    """
    if user == ME:
        return caller.account_id
    account_id = parse_user_id(user)
    if account_id is None:
        raise HinodeError(ErrorCode.PROFILE_NOT_FOUND, "There is no such profile.", param="user_id")
    return members.profile(account_id).account_id


def profile_json(profile: Profile) -> dict[str, Any]:
    """Return the profile of an account; people have no page and no image here."""
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


def character_json(
    character: Character, owner: Profile | None, links: SignedUrls, base: str, *, own: bool
) -> dict[str, Any]:
    """Return the profile of a character; only its owner sees the instructions."""
    return {
        "character_id": character_id(character.id),
        "user_id": character_id(character.id),
        "username": character.username,
        "display_name": character.name,
        "profile_picture_url": character_image_url(links, base, character.key),
        "permalink": None,
        "verified": False,
        "follower_count": 0,
        "can_cameo": own or character.visibility is Visibility.PUBLIC,
        "visibility": character.visibility.value,
        "owner_profile": {
            "user_id": user_id(character.account_id),
            "username": owner.username if owner else None,
            "display_name": owner.display_name if owner else None,
        },
        "cameo_id": cameo_id(character.cameo_id) if own and character.cameo_id else None,
        "instruction_set": _instruction_set(character.instructions) if own else None,
        "safety_instruction_set": _instruction_set(character.safety_instructions) if own else None,
        "created_at": character.created_at.timestamp(),
    }


def user_json(user: FoundUser, viewer: UUID, links: SignedUrls, base: str) -> dict[str, Any]:
    """Return the profile of a person or a character, as the ``viewer``'s account may see it."""
    owner, character = user.profile, user.character
    if character is None:
        return profile_json(owner)
    return character_json(character, owner, links, base, own=owner.account_id == viewer)


def _instruction_set(text: str | None) -> dict[str, Any] | None:
    return {"value": [{"type": "text", "value": text}]} if text else None
