"""Signed URLs of outputs and uploads, for clients without an API key: browsers, chat windows.

A URL has an expiry, at most 24 hours ahead, and an HMAC of its path and expiry. Both are hex and
stand in the path before the name: clients cut URLs out of texts by their suffix.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from hinode.api.request_errors import RequestError, RequestErrorCode
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
CHARACTER_IMAGES = "/portraits"
PROOF = "{signature}.{expires}"
"""The part of a route's path that signs the rest."""
PRIVACY_HEADERS = {"referrer-policy": "no-referrer", "x-robots-tag": "noindex"}
"""Headers that keep a URL from the sites that its page leads to, and from search engines."""
LIFETIME = timedelta(hours=24)

_SUFFIXES: Mapping[OutputFormat, str] = {
    OutputFormat.PNG: ".png",
    OutputFormat.JPEG: ".jpg",
    OutputFormat.WEBP: ".webp",
}
_SHORTEST = timedelta(seconds=1)
_SIGNED_PATH = re.compile(
    rf"(?:{PREFIX}|{CHARACTER_IMAGES})/|.*/[0-9a-f]{{32}}\.[0-9a-f]{{8,10}}(?:/|$)"
)
_EXPIRES = re.compile(r"[1-9a-f][0-9a-f]{0,9}")
_MARKS = ("'", ")", '"')

Presign = Callable[[str, timedelta], str | None]

log = structlog.get_logger("hinode.links")


def no_presigning(_key: str, _lifetime: timedelta) -> str | None:
    """Return None: for object stores without presigned URLs, or with the setting turned off."""
    return None


def is_signed_path(path: str) -> bool:
    """Return whether a path, without the application's root path, is or may be a signed URL's.

    A proxy that keeps a prefix to itself, or takes away too much, makes unknown paths of them.
    """
    return _SIGNED_PATH.match(path) is not None


def forgive_mark(name: str) -> str:
    """Return a URL's last segment without the one mark that a client took along from a text."""
    return name[:-1] if name.endswith(_MARKS) else name


def nothing_there() -> RequestError:
    """Return the error for a signed URL of nothing, which it does not repeat."""
    return RequestError(RequestErrorCode.NO_ROUTE, "There is nothing at this URL.")


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
        name = f"{job_id.hex}/{output}/{role.value}{suffix}"
        return self.sign(base, PREFIX, name, self.clock.now() + lifetime)

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
        suffix = file.content_type.removeprefix("image/").replace("jpeg", "jpg")
        name = f"{file.id.hex}.{suffix}"
        return self.sign(self.base(request), PREFIX, name, self.clock.now() + lifetime)

    def sign(self, base: str, prefix: str, name: str, expires: datetime) -> str:
        """Return the URL of a name below a prefix, which may have slashes."""
        moment = int(expires.timestamp())
        signature = self.signer.sign(f"{prefix}/{name}", moment)
        return f"{base.rstrip('/')}{prefix}/{signature}.{moment:x}/{name}"

    def check(self, prefix: str, name: str, signature: str, expires: str) -> None:
        """Raise :class:`RequestError` for an invalid signature or an expired URL.

        The arguments are the parts of the URL's path.
        """
        moment = int(expires, 16) if _EXPIRES.fullmatch(expires) else 0
        if not self.signer.verify(f"{prefix}/{name}", moment, signature):
            raise RequestError(
                RequestErrorCode.LINK_BROKEN,
                "The signature does not match: this URL is incomplete, or not from this server.",
            )
        if moment <= self.clock.now().timestamp():
            shown = datetime.fromtimestamp(moment, UTC)
            raise RequestError(
                RequestErrorCode.LINK_EXPIRED,
                f"This URL expired at {shown:%Y-%m-%d %H:%M} UTC. Request a new one.",
            )
