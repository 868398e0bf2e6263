"""The OpenAPI document, and Swagger UI from a local package, so that it works offline."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hinode._version import __version__
from hinode.api.bodies import JSON
from hinode.api.request_errors import no_route
from hinode.api.routing import Operation, RouteTable

_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "`Authorization: Bearer sk-…`: an API key, or an access token of the Sora "
    "dialect. `Bearer` may be left out, and the headers `api-key` and `x-api-key` are read too.",
}


def add_docs(table: RouteTable) -> Callable[[], dict[str, Any]]:
    """Add ``/openapi.json`` and ``/docs``; return a cached function that builds the document."""
    document = cache(partial(openapi_document, table))
    text = cache(lambda: json.dumps(document(), ensure_ascii=False, separators=(",", ":")))

    async def openapi(_request: Request) -> Response:
        # The first one takes a second, in which other requests go on.
        return Response(await run_sync(text), media_type=JSON)

    table.hide("/openapi.json", openapi, "GET")
    table.hide("/docs", _page, "GET")
    table.hide("/docs/{name}", _asset, "GET")
    return document


def openapi_document(table: RouteTable) -> dict[str, Any]:
    """Return the OpenAPI document of all documented routes."""
    # FastAPI makes documents and serves nothing: imported when the first one is read.
    from fastapi.openapi.utils import get_openapi
    from fastapi.routing import APIRoute

    def described(one: Operation) -> APIRoute:
        extra = dict(one.extra)
        if one.body is not None:
            extra["requestBody"] = one.body()
        return APIRoute(one.path, one.endpoint, **one.options, openapi_extra=extra)

    routes = [described(one) for one in table.operations]
    made = get_openapi(title="Hinode", version=__version__, routes=routes)
    made.setdefault("components", {}).setdefault("securitySchemes", {})["key"] = _KEY
    return made


async def _page(request: Request) -> Response:
    from fastapi.openapi.docs import get_swagger_ui_html

    root = request.scope.get("root_path", "").rstrip("/")
    return get_swagger_ui_html(
        openapi_url=f"{root}/openapi.json",
        title="Hinode",
        swagger_js_url=f"{root}/docs/swagger-ui-bundle.js",
        swagger_css_url=f"{root}/docs/swagger-ui.css",
        swagger_favicon_url=f"{root}/docs/favicon-32x32.png",
        swagger_ui_parameters={"persistAuthorization": True, "defaultModelsExpandDepth": 0},
    )


async def _asset(request: Request, name: str) -> Response:
    if name not in _ASSETS:
        raise no_route(request.url.path)
    data = (files("fastapi_swagger") / "resources" / name).read_bytes()
    return Response(data, media_type=_ASSETS[name], headers={"cache-control": "max-age=86400"})
