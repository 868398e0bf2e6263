"""The web app: one page for all of its addresses, and the files that the page loads.

Addresses on the page are relative to the one that was asked for, so that it works below any prefix
that a proxy keeps to itself. The files are built from ``web/`` and are part of the package.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hinode.api.context import ApiContext
from hinode.api.path_alias import way_to_root
from hinode.api.request_errors import no_route
from hinode.api.routing import RouteTable
from hinode.storage import StorageError

STUDIO = "app/studio"
_DIST = files("hinode") / "web" / "dist"
_TYPES: Mapping[str, str] = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
_CODINGS = {"br": ".br", "gzip": ".gz"}
# Where an asset's address begins in the built page, and where the page's nonce stands in it.
_ASSETS, _NONCE = "./assets/", "%NONCE%"
_COMMON = {"x-content-type-options": "nosniff", "vary": "accept-encoding"}
_IMMUTABLE = {**_COMMON, "cache-control": "public, max-age=31536000, immutable"}
_PAGE = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True, slots=True)
class WebAppRoutes:
    """Handlers of the page, of its files, and of the server's root."""

    context: ApiContext
    _policy: list[str] = field(default_factory=list)

    async def root(self, request: Request) -> Response:
        """Redirect browsers to the studio; programs are told that nothing is here."""
        if "text/html" not in request.headers.get("accept", "") or "authorization" in (
            request.headers
        ):
            raise no_route(request.url.path)
        return RedirectResponse(STUDIO, 302, headers={"cache-control": "no-store"})

    async def page(self, request: Request) -> Response:
        """Return the page, with a nonce of its own and addresses relative to what was asked."""
        html = _file("index.html")
        if html is None:
            raise no_route(request.url.path)
        nonce, up = secrets.token_urlsafe(16), way_to_root(request.scope)
        text = html.decode().replace(_ASSETS, f"{up}{_ASSETS.replace('.', 'app', 1)}")
        headers = {**_PAGE, "content-security-policy": await self._csp(nonce)}
        return Response(
            text.replace(_NONCE, nonce), media_type="text/html; charset=utf-8", headers=headers
        )

    async def page_below(self, request: Request, path: str) -> Response:
        """Return the page: it reads by itself which of its addresses was asked for."""
        return await self.page(request)

    async def asset(self, request: Request, name: str) -> Response:
        """Return a file, whose name has the hash of its content."""
        kind = _TYPES.get(name[name.rfind(".") :])
        if kind is None or "/" in name:
            raise no_route(request.url.path)
        for coding in _accepted(request.headers.get("accept-encoding", "")):
            content = _file(f"assets/{name}{_CODINGS[coding]}")
            if content is not None:
                headers = {**_IMMUTABLE, "content-encoding": coding}
                return Response(content, media_type=kind, headers=headers)
        content = _file(f"assets/{name}")
        if content is None:
            raise no_route(request.url.path)
        return Response(content, media_type=kind, headers=_IMMUTABLE)

    async def _csp(self, nonce: str) -> str:
        """Return the Content-Security-Policy: nothing from other hosts but stored media."""
        if not self._policy:
            self._policy.append(" ".join(await self.context.call(self._media_origins)))
        media = f"'self' blob: {self._policy[0]}".rstrip()
        return (
            "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'self'; "
            f"frame-ancestors 'none'; style-src 'self' 'nonce-{nonce}'; font-src 'self'; "
            f"connect-src 'self'; img-src {media} data:; media-src {media}"
        )

    def _media_origins(self) -> list[str]:
        """Return the origins of signed URLs: the server's public one, and the object store's."""
        links = self.context.links
        try:
            stored = links.presign("origin", timedelta(seconds=1))
        except StorageError:
            stored = None
        parts = [urlsplit(url) for url in (links.public_url, stored) if url]
        return sorted({f"{part.scheme}://{part.netloc}" for part in parts})


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the page, its files and the redirect of the root."""
    app = WebAppRoutes(context)
    table.hide("/", app.root, "GET")
    table.hide("/app/assets/{name:path}", app.asset, "GET")
    table.hide("/app", app.page, "GET")
    table.hide("/app/{path:path}", app.page_below, "GET")


@cache
def _file(name: str) -> bytes | None:
    """Return a built file; None if there is none."""
    found = _DIST.joinpath(*name.split("/"))
    return found.read_bytes() if found.is_file() else None


def _accepted(header: str) -> list[str]:
    """Return the codings that a client accepts, the best first (RFC 9110, 12.5.3)."""
    offered = {}
    for part in header.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        offered[coding] = weight.strip("0.") != "" if weight else True
    return [coding for coding in _CODINGS if offered.get(coding)]
