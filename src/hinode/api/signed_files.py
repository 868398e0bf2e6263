"""Serves the files that signed links lead to; the signature is the permission."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.downloads import send_object
from hinode.api.request_errors import no_route
from hinode.api.routing import RouteDocs, RouteTable
from hinode.api.signed_urls import PREFIX
from hinode.core.assets.types import INPUTS, Asset
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.types import ArtifactRole
from hinode.storage import ObjectMissing

_PATH = PREFIX + "/{job}/{output}/{name}"
_UPLOAD = PREFIX + "/{name}"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_QUERY = [
    {"name": "expires", "in": "query", "required": True, "schema": {"type": "integer"}},
    {"name": "sig", "in": "query", "required": True, "schema": {"type": "string"}},
]
_CONTENT = {"video/mp4": _BINARY, "image/*": _BINARY}
_DOCS = RouteDocs(
    "Links",
    {403: "The link has expired, or is not whole.", 404: "There is no such file."},
)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve signed links."""
    routes = SignedFiles(context)
    for path, endpoint, method, operation in (
        (_PATH, routes.send, "GET", "openLink"),
        (_PATH, routes.send, "HEAD", "describeLink"),
        (_UPLOAD, routes.send_upload, "GET", "openUpload"),
        (_UPLOAD, routes.send_upload, "HEAD", "describeUpload"),
    ):
        table.add(
            _DOCS, method, path, endpoint, operation, _CONTENT, 403, 404,
            public=True, parameters=_QUERY,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignedFiles:
    """The routes of links."""

    context: ApiContext

    async def send(self, request: Request, job: str, output: str, name: str) -> Response:
        """Send the file of a signed link; ranges are served."""
        path = f"{PREFIX}/{job}/{output}/{name}"
        self.context.links.check(path, request.query_params)
        asset = await self._asset(job, output, name)
        if asset is None:
            raise no_route(path)
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
            raise HinodeError(ErrorCode.EXPIRED, "This file is gone.", param="id") from error
        response.headers["cache-control"] = "private, max-age=3600"
        return response

    async def send_upload(self, request: Request, name: str) -> Response:
        """Send the uploaded picture of a signed link; ranges are served."""
        path = f"{PREFIX}/{name}"
        self.context.links.check(path, request.query_params)
        filing = self.context.core.files
        file = await self.context.call(filing.find_any, UUID(hex=name.partition(".")[0]))
        if file is None:
            raise no_route(path)
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
            raise no_route(path) from None

    async def _asset(self, job: str, output: str, name: str) -> Asset | None:
        """Find what a checked path names."""
        role = ArtifactRole(name.partition(".")[0])
        if role in INPUTS:
            return None
        jobs = self.context.core.jobs
        return await self.context.call(jobs.rendered_file, UUID(hex=job), role, int(output))
