"""Characters and cameos as JSON, for everyone and for their owners; pure functions."""

from __future__ import annotations

from typing import Any

from hinode.api.character_image_urls import character_image_url
from hinode.api.signed_urls import SignedUrls
from hinode.api.sora.characters.ids import cameo_id, character_id
from hinode.api.sora.drafts.ids import user_id
from hinode.core.accounts.types import Profile
from hinode.core.characters.types import Cameo, CameoState, Character, Visibility

COMPLETED = "Completed"
"""The words by which clients know that a cameo is done."""

_STATUS = {
    CameoState.PROCESSING: ("processing", "Processing"),
    CameoState.READY: ("finalized", COMPLETED),
    CameoState.FAILED: ("failed", "Failed"),
}


def cameo_json(cameo: Cameo, links: SignedUrls, base: str) -> dict[str, Any]:
    """Return how far a cameo is. The hints are strings at all times: clients take them apart."""
    status, message = _STATUS[cameo.state]
    url = character_image_url(links, base, cameo.image_key) if cameo.image_key else None
    return {
        "id": cameo_id(cameo.id),
        "status": status,
        "status_message": cameo.reason or message,
        "profile_asset_url": url,
        "display_name_hint": cameo.hints.display_name,
        "username_hint": cameo.hints.username,
        "instruction_set_hint": cameo.hints.instructions,
        "created_at": cameo.created_at.timestamp(),
    }


def character_json(
    one: Character, owner: Profile | None, links: SignedUrls, base: str, *, own: bool
) -> dict[str, Any]:
    """Return a character's profile; what it is told to do is for its owner to read."""
    return {
        "character_id": character_id(one.id),
        "user_id": character_id(one.id),
        "username": one.username,
        "display_name": one.name,
        "profile_picture_url": character_image_url(links, base, one.key),
        "permalink": None,
        "verified": False,
        "follower_count": 0,
        "can_cameo": own or one.visibility is Visibility.PUBLIC,
        "visibility": one.visibility.value,
        "owner_profile": _owner(one, owner),
        "cameo_id": cameo_id(one.cameo_id) if own and one.cameo_id else None,
        "instruction_set": _texts(one.instructions) if own else None,
        "safety_instruction_set": _texts(one.safety_instructions) if own else None,
        "created_at": one.created_at.timestamp(),
    }


def _owner(one: Character, owner: Profile | None) -> dict[str, Any]:
    return {
        "user_id": user_id(one.account_id),
        "username": owner.username if owner else None,
        "display_name": owner.display_name if owner else None,
    }


def _texts(text: str | None) -> dict[str, Any] | None:
    return {"value": [{"type": "text", "value": text}]} if text else None
