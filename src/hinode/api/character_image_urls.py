"""Signed URLs of character images, and the route that serves them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.downloads import send_object
from hinode.api.request_errors import no_route
from hinode.api.routing import RouteDocs, RouteTable
from hinode.api.signed_urls import LIFETIME, SignedUrls
from hinode.core.characters.images import FOLDER
from hinode.storage.errors import ObjectMissing
from hinode.storage.keys import is_key

PREFIX = "/portraits"
_TYPES = {".webp": "image/webp", ".png": "image/png"}
_QUERY = [
    {
        "name": "expires",
        "in": "query",
        "required": True,
        "description": "Expiry of the URL in Unix seconds.",
        "schema": {"type": "integer"},
    },
    {
        "name": "sig",
        "in": "query",
        "required": True,
        "description": "Signature of the path and the expiry.",
        "schema": {"type": "string"},
    },
]
_CONTENT = {"image/webp": {"schema": {"type": "string"}}}
_DOCS = RouteDocs(
    "Signed URLs",
    {
        403: "`link_expired`, or `invalid_link`: the signature does not match the URL.",
        404: "`not_found`: the image was deleted.",
    },
)


def character_image_url(links: SignedUrls, base: str, key: str) -> str:
    """Return a signed URL, valid for 24 to 25 hours, of the image with this storage key."""
    path = f"{PREFIX}/{key.removeprefix(f'{FOLDER}/')}"
    # Rounded up to the hour, so that the URL is stable for an hour and browser caches work.
    expires = (int((links.clock.now() + LIFETIME).timestamp()) // 3600 + 1) * 3600
    query = urlencode({"expires": expires, "sig": links.signer.sign(path, expires)})
    return f"{base.rstrip('/')}{path}?{query}"


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the route of character images."""
    routes = CharacterImageRoutes(context)
    for method, operation in (("GET", "openPortrait"), ("HEAD", "describePortrait")):
        table.add(
            _DOCS, method, PREFIX + "/{folder}/{name}", routes.send, operation, _CONTENT, 403, 404,
            public=True, parameters=_QUERY,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CharacterImageRoutes:
    """Handlers of signed URLs of character images."""

    context: ApiContext

    async def send(self, request: Request, folder: str, name: str) -> Response:
        """Download a character's image; the signature in the query replaces an API key.

        Range requests and conditional requests are supported.
        """
        path, key = f"{PREFIX}/{folder}/{name}", f"{FOLDER}/{folder}/{name}"
        self.context.links.check(path, request.query_params)
        if not is_key(key):
            raise no_route(path)
        store = self.context.core.jobs.store
        try:
            found = await self.context.call(store.head, key)
            return await send_object(
                request,
                store,
                key,
                size=found.size,
                content_type=_TYPES[name[name.rindex(".") :]],
                filename=name,
                # Objects are immutable: the key identifies the content.
                etag=hashlib.sha256(key.encode()).hexdigest()[:32],
                last_modified=found.modified,
                disposition="inline",
            )
        except ObjectMissing:
            raise no_route(path) from None
