"""Fetching the pictures that a request names, for those whose they are."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.api.sora.create.sources import Source, SourceKind
from hinode.api.sora.error_params import error_param
from hinode.core.auth.types import Caller
from hinode.core.catalog.types import Orientation, Size
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.service import not_found
from hinode.core.files.uploads import FileService
from hinode.core.jobs.service import JobService
from hinode.media.image_header import read_header
from hinode.media.types import ArtifactRole, MediaKind
from hinode.storage import ObjectMissing


@dataclass(frozen=True, slots=True)
class ImageLoader:
    """Pictures of an account. All methods raise :class:`HinodeError` that names the field."""

    jobs: JobService
    files: FileService

    def load(self, caller: Caller, source: Source) -> bytes:
        """Return an uploaded picture, or what shows an own generation."""
        with error_param(source.param):
            try:
                if source.kind is SourceKind.FILE:
                    return self._uploaded(caller, source)
                return self._generated(caller, source)
            except ObjectMissing:
                raise not_found() from None

    def _uploaded(self, caller: Caller, source: Source) -> bytes:
        file = self.files.get(caller, source.id)
        if not file.content_type.startswith("image/"):
            raise HinodeError(ErrorCode.UNSUPPORTED_VALUE, "This upload is no picture.")
        return self.files.store.get_bytes(file.key)

    def _generated(self, caller: Caller, source: Source) -> bytes:
        """A picture is taken as it is; of a video its thumbnail is."""
        job = self.jobs.job(caller, source.id).job
        role = ArtifactRole.IMAGE if job.kind is MediaKind.IMAGE else ArtifactRole.THUMBNAIL
        asset = self.jobs.content(caller, job.id, role, source.output_index)
        return self.jobs.store.get_bytes(asset.key)


def orientation_of(image: bytes) -> Orientation | None:
    """Return a picture's shape as it is stored; None for what is no picture."""
    header = read_header(image)
    return Size(header.width, header.height).orientation if header else None
