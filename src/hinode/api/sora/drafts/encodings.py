"""The files of a draft in the shape that Sora's web page knows: one entry per encoding.

There is one encoding of each file here, so that ``source``, ``md`` and ``ld`` lead to the same one.
Names and nullness as seen in captured traffic and in a strictly typed client, which needs
``source`` and ``thumbnail`` to be objects; ``ssim``, the likeness to the source, is that of itself.
"""

from __future__ import annotations

from typing import Any

from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.media.kinds import ArtifactRole
from hinode.studio.assets.types import Asset
from hinode.studio.drafts.types import Draft

_NAMES = ("source", "source_wm", "md", "ld", "gif", "thumbnail", "unfurl", "spritesheet")
_LIKE_ITSELF = 1.0


def encodings_json(draft: Draft, urls: MediaUrls) -> dict[str, Any]:
    """Return the ``encodings`` of a draft or a generation; all are null when its files are gone."""
    shown = draft.shown
    if shown is None:
        return dict.fromkeys(_NAMES)
    still = draft.file(ArtifactRole.THUMBNAIL) or draft.file(ArtifactRole.IMAGE)
    path = {"path": urls.of(draft, shown)}
    return {
        "source": _film(draft, shown, urls),
        "source_wm": _film(draft, draft.marked, urls),
        "md": path,
        "ld": path,
        "gif": None,
        "thumbnail": _picture(draft, still, urls),
        "unfurl": _picture(draft, still, urls),
        "spritesheet": _picture(draft, draft.file(ArtifactRole.SPRITESHEET), urls),
    }


def _film(draft: Draft, asset: Asset | None, urls: MediaUrls) -> dict[str, Any] | None:
    if asset is None:
        return None
    return {
        "path": urls.of(draft, asset),
        "size": asset.bytes,
        "width": asset.width,
        "height": asset.height,
        "duration_secs": asset.duration,
        "ssim": _LIKE_ITSELF,
    }


def _picture(draft: Draft, asset: Asset | None, urls: MediaUrls) -> dict[str, Any] | None:
    return None if asset is None else {"path": urls.of(draft, asset), "size": asset.bytes}
