"""Signed URLs of character images, and the route that serves them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.downloads import send_object
from hinode.api.routing import RouteDocs, RouteTable
from hinode.api.signed_urls import (
    CHARACTER_IMAGES,
    LIFETIME,
    PROOF,
    SignedUrls,
    forgive_mark,
    nothing_there,
)
from hinode.core.characters.images import FOLDER
from hinode.storage.errors import ObjectMissing
from hinode.storage.keys import is_key

_PATH = f"{CHARACTER_IMAGES}/{PROOF}/{{folder}}/{{name}}"
_TYPES = {".webp": "image/webp", ".png": "image/png"}
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
    # Rounded up to the hour, so that the URL is stable for an hour and browser caches work.
    expires = (int((links.clock.now() + LIFETIME).timestamp()) // 3600 + 1) * 3600
    name = key.removeprefix(f"{FOLDER}/")
    return links.sign(base, CHARACTER_IMAGES, name, datetime.fromtimestamp(expires, UTC))


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the route of character images."""
    routes = CharacterImageRoutes(context)
    for method, operation in (("GET", "openPortrait"), ("HEAD", "describePortrait")):
        table.add(_DOCS, method, _PATH, routes.send, operation, _CONTENT, 403, 404, public=True)


@dataclass(frozen=True, slots=True)
class CharacterImageRoutes:
    """Handlers of signed URLs of character images."""

    context: ApiContext

    async def send(
        self, request: Request, signature: str, expires: str, folder: str, name: str
    ) -> Response:
        """Download a character's image; the signature in the path replaces an API key.

        Range requests and conditional requests are supported.
        """
        name = forgive_mark(name)
        self.context.links.check(CHARACTER_IMAGES, f"{folder}/{name}", signature, expires)
        key = f"{FOLDER}/{folder}/{name}"
        if not is_key(key):
            raise nothing_there()
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
            raise nothing_there() from None
