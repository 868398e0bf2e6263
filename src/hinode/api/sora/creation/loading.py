"""Fetching the pictures that a request names, for those whose they are."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.api.sora.creation.sources import Source, SourceKind
from hinode.api.sora.naming import named
from hinode.media.image_header import read_header
from hinode.media.kinds import ArtifactRole, MediaKind
from hinode.storage import ObjectMissing
from hinode.studio.access.types import Caller
from hinode.studio.catalog.types import Orientation, Size
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.files.service import not_found
from hinode.studio.filing import Filing
from hinode.studio.studio import Studio


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures of an account. All methods raise :class:`StudioError` that names the field."""

    studio: Studio
    filing: Filing

    def load(self, caller: Caller, source: Source) -> bytes:
        """Return an uploaded picture, or what shows an own generation."""
        with named(source.param):
            try:
                if source.kind is SourceKind.FILE:
                    return self._uploaded(caller, source)
                return self._generated(caller, source)
            except ObjectMissing:
                raise not_found() from None

    def _uploaded(self, caller: Caller, source: Source) -> bytes:
        file = self.filing.get(caller, source.id)
        if not file.content_type.startswith("image/"):
            raise StudioError(ErrorCode.UNSUPPORTED_VALUE, "This upload is no picture.")
        return self.filing.store.get_bytes(file.key)

    def _generated(self, caller: Caller, source: Source) -> bytes:
        """A picture is taken as it is; of a video its thumbnail is."""
        job = self.studio.job(caller, source.id).job
        role = ArtifactRole.IMAGE if job.kind is MediaKind.IMAGE else ArtifactRole.THUMBNAIL
        asset = self.studio.content(caller, job.id, role, source.place)
        return self.studio.store.get_bytes(asset.key)


def shape_of(picture: bytes) -> Orientation | None:
    """Return a picture's shape as it is stored; None for what is no picture."""
    header = read_header(picture)
    return Size(header.width, header.height).orientation if header else None
