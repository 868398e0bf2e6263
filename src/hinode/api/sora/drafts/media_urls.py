"""Signed absolute URLs of the files of drafts, which expire with the file at the latest."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from hinode.api.signed_urls import LIFETIME, SignedUrls
from hinode.core.assets.types import Asset
from hinode.core.drafts.types import Draft


@dataclass(frozen=True, slots=True)
class MediaUrls:
    """URLs below ``base`` for one answer; each file is signed once."""

    links: SignedUrls
    base: str
    _signed: dict[UUID, str] = field(default_factory=dict)

    def url_for(self, draft: Draft, asset: Asset | None) -> str | None:
        """Return the URL of a file of a draft; None without a file."""
        if asset is None:
            return None
        url = self._signed.get(asset.id)
        if url is None:
            url = self._signed[asset.id] = self._sign(draft, asset)
        return url

    def _sign(self, draft: Draft, asset: Asset) -> str:
        lifetime, expires = LIFETIME, draft.job.expires_at
        if expires is not None:
            lifetime = min(lifetime, expires - self.links.clock.now())
        suffix = asset.key[asset.key.rindex(".") :]
        return self.links.url_at(
            self.base, asset.job_id, asset.output, asset.role, suffix=suffix, lifetime=lifetime
        )
