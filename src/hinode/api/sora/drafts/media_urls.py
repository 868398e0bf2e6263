"""Absolute links to the files of drafts: no key is needed, and they end with the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from hinode.api.asset_links import LIFETIME, AssetLinks
from hinode.studio.assets.types import Asset
from hinode.studio.drafts.types import Draft


@dataclass(frozen=True, slots=True)
class MediaUrls:
    """Links for whoever reaches this server by ``base``."""

    links: AssetLinks
    base: str

    def of(self, draft: Draft, asset: Asset | None) -> str | None:
        """Return the link to a file of a draft; None when there is no file."""
        if asset is None:
            return None
        lifetime, expires = LIFETIME, draft.job.expires_at
        if expires is not None:
            lifetime = min(lifetime, expires - self.links.clock.now())
        suffix = PurePosixPath(asset.key).suffix
        return self.links.url_at(
            self.base, asset.job_id, asset.output, asset.role, suffix=suffix, lifetime=lifetime
        )
