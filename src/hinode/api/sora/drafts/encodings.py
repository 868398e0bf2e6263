"""The files of a draft in the shape that Sora's web page knows: one entry per encoding.

There is one encoding of each file here, so that ``source``, ``md`` and ``ld`` lead to the same one.
Names and nullness as seen in captured traffic and in a strictly typed client, which needs
``source`` and ``thumbnail`` to be objects; ``ssim``, the likeness to the source, is that of itself.
"""

from __future__ import annotations

from typing import Any

from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.core.assets.types import Asset
from hinode.core.drafts.types import Draft
from hinode.media.types import ArtifactRole

_NAMES = ("source", "source_wm", "md", "ld", "gif", "thumbnail", "unfurl", "spritesheet")
_SSIM_IDENTICAL = 1.0


def encodings_json(draft: Draft, urls: MediaUrls) -> dict[str, Any]:
    """Return the ``encodings`` of a draft or a generation; all are null when its files are gone."""
    shown = draft.shown
    if shown is None:
        return dict.fromkeys(_NAMES)
    thumbnail = draft.file(ArtifactRole.THUMBNAIL) or draft.file(ArtifactRole.IMAGE)
    path = {"path": urls.url_for(draft, shown)}
    return {
        "source": _video_encoding(draft, shown, urls),
        "source_wm": _video_encoding(draft, draft.marked, urls),
        "md": path,
        "ld": path,
        "gif": None,
        "thumbnail": _image_encoding(draft, thumbnail, urls),
        "unfurl": _image_encoding(draft, thumbnail, urls),
        "spritesheet": _image_encoding(draft, draft.file(ArtifactRole.SPRITESHEET), urls),
    }


def _video_encoding(draft: Draft, asset: Asset | None, urls: MediaUrls) -> dict[str, Any] | None:
    if asset is None:
        return None
    return {
        "path": urls.url_for(draft, asset),
        "size": asset.bytes,
        "width": asset.width,
        "height": asset.height,
        "duration_secs": asset.duration,
        "ssim": _SSIM_IDENTICAL,
    }


def _image_encoding(draft: Draft, asset: Asset | None, urls: MediaUrls) -> dict[str, Any] | None:
    return None if asset is None else {"path": urls.url_for(draft, asset), "size": asset.bytes}
