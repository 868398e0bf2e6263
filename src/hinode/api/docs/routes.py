"""Routes of the OpenAPI document and of its page: Swagger UI from a local package.

Addresses on the page are relative to the one that was asked for, as those of the web app.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import urlsplit

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.bodies import JSON
from hinode.api.context import ApiContext
from hinode.api.docs.document import openapi_document
from hinode.api.path_alias import requested_path
from hinode.api.request_errors import no_route
from hinode.api.routing import RouteTable

_PAGE = "docs.html"
_FILES: Mapping[str, tuple[str, str]] = {
    "docs.css": ("hinode.api.docs", "text/css"),
    "start.js": ("hinode.api.docs", "text/javascript"),
    "swagger-ui-bundle.js": ("fastapi_swagger.resources", "text/javascript"),
    "swagger-ui.css": ("fastapi_swagger.resources", "text/css"),
    "favicon-32x32.png": ("fastapi_swagger.resources", "image/png"),
}
"""Package and media type of each file that the page loads."""

_NOSNIFF = {"x-content-type-options": "nosniff"}


@dataclass(frozen=True, slots=True)
class DocsRoutes:
    """Handlers of the document, of its page, and of the files that the page loads."""

    text: Callable[[], str]
    headers: Mapping[str, str]

    async def document(self, _request: Request) -> Response:
        """Return the document."""
        # The first one takes a second, in which other requests go on.
        return Response(await run_sync(self.text), media_type=JSON)

    async def page(self, request: Request) -> Response:
        """Return the page."""
        up = "../" * (requested_path(request.scope).count("/") - 1)
        html = Template(_read("hinode.api.docs", _PAGE).decode()).substitute(up=f"{up}docs")
        return Response(html, media_type="text/html", headers=self.headers)

    async def file(self, request: Request, name: str) -> Response:
        """Return a file of the page."""
        if name not in _FILES:
            raise no_route(request.url.path)
        package, media_type = _FILES[name]
        headers = {**_NOSNIFF, "cache-control": "max-age=86400"}
        return Response(_read(package, name), media_type=media_type, headers=headers)


def add_routes(table: RouteTable, context: ApiContext) -> Callable[[], dict[str, Any]]:
    """Add ``/openapi.json`` and ``/docs``; return a cached function that builds the document."""
    public_url = context.links.public_url
    document = cache(partial(openapi_document, table, public_url))
    text = cache(lambda: json.dumps(document(), ensure_ascii=False, separators=(",", ":")))
    routes = DocsRoutes(text, page_headers(public_url))
    table.hide("/openapi.json", routes.document, "GET")
    table.hide("/docs", routes.page, "GET")
    table.hide("/docs/{name}", routes.file, "GET")
    return document


def page_headers(public_url: str) -> dict[str, str]:
    """Return the page's headers: it loads nothing from other hosts and calls only this server."""
    public = urlsplit(public_url)
    own = f"'self' {public.scheme}://{public.netloc}" if public_url else "'self'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"img-src 'self' data: blob:; media-src 'self' blob:; connect-src {own}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {**_NOSNIFF, "content-security-policy": policy, "referrer-policy": "no-referrer"}


@cache
def _read(package: str, name: str) -> bytes:
    return files(package).joinpath(name).read_bytes()
