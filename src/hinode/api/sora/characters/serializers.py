"""Cameos as JSON; characters are profiles."""

from __future__ import annotations

from typing import Any

from hinode.api.character_image_urls import character_image_url
from hinode.api.signed_urls import SignedUrls
from hinode.api.sora.ids import cameo_id
from hinode.core.characters.types import Cameo, CameoState

# Clients recognise by the message ``Completed`` that a cameo is done.
_STATUS = {
    CameoState.PROCESSING: ("processing", "Processing"),
    CameoState.READY: ("finalized", "Completed"),
    CameoState.FAILED: ("failed", "Failed"),
}


def cameo_json(cameo: Cameo, links: SignedUrls, base: str) -> dict[str, Any]:
    """Return the state of a cameo; hints are never null, because clients take them apart."""
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
