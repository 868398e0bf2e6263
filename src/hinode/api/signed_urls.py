"""Links to rendered files that work without an API key, for a day.

They are for those who show a result: a chat window, a browser, a receiver of a callback.
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
    """Return no link: for stores that sign none, and operators who want none."""
    return None


class _LinkQuery(RequestSchema):
    """The query of a signed URL; its ``sig`` is compared, not parsed."""

    expires: RequiredInteger[int]


@dataclass(frozen=True, slots=True)
class SignedUrls:
    """Makes and checks links.

    ``public_url`` is the base that clients reach the server by; empty: that of their request.
    ``presign`` returns the object store's own link to a key, or None.
    """

    signer: UrlSigner
    public_url: str
    clock: Clock
    presign: Presign = no_presigning

    def base(self, request: Request) -> str:
        """Return the base of links for whoever sent this request."""
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
        """Return a link as :meth:`url_at` does, for whoever sent this request."""
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
        """Return a link to a file of a job; ``suffix`` (`.mp4`) only helps those who look at it."""
        path = f"{PREFIX}/{job_id.hex}/{output}/{role.value}{suffix}"
        expires = int((self.clock.now() + lifetime).timestamp())
        return f"{base.rstrip('/')}{path}?{self._proof(path, expires)}"

    def output_url(self, request: Request, job: Job, output: int) -> str:
        """Return a link to what a job rendered: its video, or its picture."""
        if job.kind is MediaKind.VIDEO:
            return self.url(request, job.id, output, ArtifactRole.VIDEO, suffix=".mp4")
        suffix = _SUFFIXES[job.options.picture_format]
        return self.url(request, job.id, output, ArtifactRole.IMAGE, suffix=suffix)

    def video_url(self, base: str, job: Job, file: OutputFile) -> str:
        """Return a link to a video; it ends with the file if that goes first.

        It is the object store's own where that signs links, else one of ours below ``base``.
        """
        lifetime = LIFETIME
        if job.expires_at is not None:
            lifetime = min(LIFETIME, job.expires_at - self.clock.now())
        return self._presigned(file, lifetime) or self.url_at(
            base, job.id, file.output, ArtifactRole.VIDEO, suffix=".mp4", lifetime=lifetime
        )

    def _presigned(self, file: OutputFile, lifetime: timedelta) -> str | None:
        """Return the object store's link, or None where there is none or no time for one."""
        if lifetime < _SHORTEST:
            return None
        try:
            return self.presign(file.key, lifetime)
        except StorageError as error:
            # Ours works too, and a job must not fail to end because of a link to it.
            log.warning("no presigned link", key=file.key, reason=str(error))
            return None

    def upload_url(self, request: Request, file: File, *, lifetime: timedelta = LIFETIME) -> str:
        """Return a link to an uploaded picture, for whoever sent this request."""
        path = f"{PREFIX}/{file.id.hex}.{file.content_type.removeprefix('image/')}"
        expires = int((self.clock.now() + lifetime).timestamp())
        return f"{self.base(request).rstrip('/')}{path}?{self._proof(path, expires)}"

    def _proof(self, path: str, expires: int) -> str:
        # A signature has no character that a query would have to escape.
        return f"expires={expires}&sig={self.signer.sign(path, expires)}"

    def check(self, path: str, query: Mapping[str, str]) -> None:
        """Raise :class:`RequestError` unless the link is ours, whole, and still good.

        ``path`` is that of the link, below whatever the application is mounted at.
        """
        try:
            expires = parse(_LinkQuery, query).expires
        except (RequestError, HinodeError):
            expires = 0
        if not self.signer.verify(path, expires, query.get("sig", "")):
            raise RequestError(
                RequestErrorCode.LINK_BROKEN,
                "This link was not made by this server, or is not whole.",
            )
        if expires <= self.clock.now().timestamp():
            moment = datetime.fromtimestamp(expires, UTC)
            raise RequestError(
                RequestErrorCode.LINK_EXPIRED,
                f"This link expired at {moment:%Y-%m-%d %H:%M} UTC. Ask for a new one.",
            )
