"""Routes of signed URLs: downloads without an API key."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.downloads import send_object
from hinode.api.routing import RouteDocs, RouteTable
from hinode.api.signed_urls import PREFIX, PROOF, forgive_mark, nothing_there
from hinode.core.assets.types import Asset
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.types import ArtifactRole
from hinode.storage import ObjectMissing

_PATH = f"{PREFIX}/{PROOF}/{{job}}/{{output}}/{{name}}"
_UPLOAD = f"{PREFIX}/{PROOF}/{{name}}"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_CONTENT = {"video/mp4": _BINARY, "image/*": _BINARY}
_DOCS = RouteDocs(
    "Signed URLs",
    {
        403: "`link_expired`, or `invalid_link`: the signature does not match the URL.",
        404: "`not_found`: the file was deleted.",
    },
)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of signed URLs."""
    routes = SignedFiles(context)
    for path, endpoint, method, operation in (
        (_PATH, routes.send, "GET", "openLink"),
        (_PATH, routes.send, "HEAD", "describeLink"),
        (_UPLOAD, routes.send_upload, "GET", "openUpload"),
        (_UPLOAD, routes.send_upload, "HEAD", "describeUpload"),
    ):
        table.add(_DOCS, method, path, endpoint, operation, _CONTENT, 403, 404, public=True)


@dataclass(frozen=True, slots=True)
class SignedFiles:
    """Handlers of signed URLs."""

    context: ApiContext

    async def send(
        self, request: Request, signature: str, expires: str, job: str, output: str, name: str
    ) -> Response:
        """Download an output of a job; the signature in the path replaces an API key.

        Range requests and conditional requests are supported.
        """
        name = forgive_mark(name)
        self.context.links.check(PREFIX, f"{job}/{output}/{name}", signature, expires)
        asset = await self._asset(job, output, name)
        if asset is None:
            raise nothing_there()
        try:
            response = await send_object(
                request,
                self.context.core.jobs.store,
                asset.key,
                size=asset.bytes,
                content_type=asset.content_type,
                filename=f"{job}-{output}{asset.key[asset.key.rindex('.') :]}",
                etag=asset.digest,
                last_modified=asset.created_at,
                disposition="inline",
            )
        except ObjectMissing as error:
            raise HinodeError(ErrorCode.EXPIRED, "This file was deleted.", param="id") from error
        response.headers["cache-control"] = "private, max-age=3600"
        return response

    async def send_upload(
        self, request: Request, signature: str, expires: str, name: str
    ) -> Response:
        """Download an uploaded image; the signature in the path replaces an API key.

        Range requests and conditional requests are supported.
        """
        name = forgive_mark(name)
        self.context.links.check(PREFIX, name, signature, expires)
        filing = self.context.core.files
        file = await self.context.call(filing.find_any, UUID(hex=name.partition(".")[0]))
        if file is None:
            raise nothing_there()
        try:
            return await send_object(
                request,
                filing.store,
                file.key,
                size=file.bytes,
                content_type=file.content_type,
                filename=name,
                etag=file.id.hex,
                last_modified=file.created_at,
                disposition="inline",
            )
        except ObjectMissing:
            raise nothing_there() from None

    async def _asset(self, job: str, output: str, name: str) -> Asset | None:
        """Return the output that a path with a valid signature names, None if it was deleted."""
        role = ArtifactRole(name.partition(".")[0])
        jobs = self.context.core.jobs
        return await self.context.call(jobs.rendered_file, UUID(hex=job), role, int(output))
