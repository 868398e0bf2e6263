"""Signed URLs of outputs and uploads, for clients without an API key: browsers, chat windows.

A URL has an expiry, at most 24 hours ahead, and an HMAC of its path and expiry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from hinode.api.parsing import RequestSchema, RequiredInteger, parse
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.core.errors import HinodeError
from hinode.core.files.types import File
from hinode.core.jobs.overview import OutputFile
from hinode.core.jobs.types import Job
from hinode.kit.clock import Clock
from hinode.kit.url_signing import UrlSigner
from hinode.media.types import ArtifactRole, MediaKind, OutputFormat
from hinode.storage import StorageError

if TYPE_CHECKING:
    from starlette.requests import Request

PREFIX = "/files"
LIFETIME = timedelta(hours=24)

_SUFFIXES: Mapping[OutputFormat, str] = {
    OutputFormat.PNG: ".png",
    OutputFormat.JPEG: ".jpg",
    OutputFormat.WEBP: ".webp",
}
_SHORTEST = timedelta(seconds=1)

Presign = Callable[[str, timedelta], str | None]

log = structlog.get_logger("hinode.links")


def no_presigning(_key: str, _lifetime: timedelta) -> str | None:
    """Return None: for object stores without presigned URLs, or with the setting turned off."""
    return None


class _LinkQuery(RequestSchema):
    """Query of a signed URL; ``sig`` needs no parsing."""

    expires: RequiredInteger[int]


@dataclass(frozen=True, slots=True)
class SignedUrls:
    """Creates and verifies signed URLs.

    ``public_url`` is the base URL of the server for clients; empty: the base URL of the request.
    ``presign`` returns the object store's presigned URL of a key, or None.
    """

    signer: UrlSigner
    public_url: str
    clock: Clock
    presign: Presign = no_presigning

    def base(self, request: Request) -> str:
        """Return the base URL for the client of this request."""
        return self.public_url or str(request.base_url)

    def url(
        self,
        request: Request,
        job_id: UUID,
        output: int,
        role: ArtifactRole,
        *,
        suffix: str = "",
        lifetime: timedelta = LIFETIME,
    ) -> str:
        """Return the URL of :meth:`url_at`, for the client of this request."""
        base = self.base(request)
        return self.url_at(base, job_id, output, role, suffix=suffix, lifetime=lifetime)

    def url_at(
        self,
        base: str,
        job_id: UUID,
        output: int,
        role: ArtifactRole,
        *,
        suffix: str = "",
        lifetime: timedelta = LIFETIME,
    ) -> str:
        """Return a URL of a job's file; ``suffix`` (``.mp4``) is cosmetic."""
        path = f"{PREFIX}/{job_id.hex}/{output}/{role.value}{suffix}"
        expires = int((self.clock.now() + lifetime).timestamp())
        return f"{base.rstrip('/')}{path}?{self._proof(path, expires)}"

    def output_url(self, request: Request, job: Job, output: int) -> str:
        """Return a URL of an output of a job: the video, or the image."""
        if job.kind is MediaKind.VIDEO:
            return self.url(request, job.id, output, ArtifactRole.VIDEO, suffix=".mp4")
        suffix = _SUFFIXES[job.options.picture_format]
        return self.url(request, job.id, output, ArtifactRole.IMAGE, suffix=suffix)

    def video_url(self, base: str, job: Job, file: OutputFile) -> str:
        """Return a URL of a video that expires with the file, after 24 hours at the latest.

        It is the object store's presigned URL if there is one, else one below ``base``.
        """
        lifetime = LIFETIME
        if job.expires_at is not None:
            lifetime = min(LIFETIME, job.expires_at - self.clock.now())
        return self._presigned(file, lifetime) or self.url_at(
            base, job.id, file.output, ArtifactRole.VIDEO, suffix=".mp4", lifetime=lifetime
        )

    def _presigned(self, file: OutputFile, lifetime: timedelta) -> str | None:
        """Return the object store's presigned URL, or None if it has none or ``lifetime`` is 0."""
        if lifetime < _SHORTEST:
            return None
        try:
            return self.presign(file.key, lifetime)
        except StorageError as error:
            # A URL of this server works as well, and a job's end must not fail for it.
            log.warning("no presigned URL", key=file.key, reason=str(error))
            return None

    def upload_url(self, request: Request, file: File, *, lifetime: timedelta = LIFETIME) -> str:
        """Return a URL of an uploaded image, for the client of this request."""
        path = f"{PREFIX}/{file.id.hex}.{file.content_type.removeprefix('image/')}"
        expires = int((self.clock.now() + lifetime).timestamp())
        return f"{self.base(request).rstrip('/')}{path}?{self._proof(path, expires)}"

    def _proof(self, path: str, expires: int) -> str:
        # A signature has only characters that need no escaping in a query.
        return f"expires={expires}&sig={self.signer.sign(path, expires)}"

    def check(self, path: str, query: Mapping[str, str]) -> None:
        """Raise :class:`RequestError` for an invalid signature or an expired URL.

        ``path`` is the URL's path without the application's root path.
        """
        try:
            expires = parse(_LinkQuery, query).expires
        except (RequestError, HinodeError):
            expires = 0
        if not self.signer.verify(path, expires, query.get("sig", "")):
            raise RequestError(
                RequestErrorCode.LINK_BROKEN,
                "The signature does not match: this URL is incomplete, or not from this server.",
            )
        if expires <= self.clock.now().timestamp():
            moment = datetime.fromtimestamp(expires, UTC)
            raise RequestError(
                RequestErrorCode.LINK_EXPIRED,
                f"This URL expired at {moment:%Y-%m-%d %H:%M} UTC. Request a new one.",
            )
