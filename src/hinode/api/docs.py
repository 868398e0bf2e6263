"""The OpenAPI page, served from files in a package: it works where there is no internet."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.refusals import no_route

_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API key: `sk-…`, with or without `Bearer`.",
}


def add_docs(app: FastAPI) -> None:
    """Serve the page at ``/docs``; the application must have been made with ``docs_url=None``."""
    app.openapi = _with_key(app.openapi)  # type: ignore[method-assign]
    app.add_route("/docs", _page, include_in_schema=False)
    app.add_route("/docs/{name}", _asset, include_in_schema=False)


def _with_key(generate: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Name the security scheme that routes refer to; FastAPI knows only those it checks itself."""

    def document() -> dict[str, Any]:
        made = generate()
        made.setdefault("components", {}).setdefault("securitySchemes", {})["key"] = _KEY
        return made

    return document


async def _page(request: Request) -> Response:
    root = request.scope.get("root_path", "").rstrip("/")
    return get_swagger_ui_html(
        openapi_url=f"{root}/openapi.json",
        title="Hinode",
        swagger_js_url=f"{root}/docs/swagger-ui-bundle.js",
        swagger_css_url=f"{root}/docs/swagger-ui.css",
        swagger_favicon_url=f"{root}/docs/favicon-32x32.png",
        swagger_ui_parameters={"persistAuthorization": True, "defaultModelsExpandDepth": 0},
    )


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _ASSETS:
        raise no_route(request.url.path)
    data = (files("fastapi_swagger") / "resources" / name).read_bytes()
    return Response(data, media_type=_ASSETS[name], headers={"cache-control": "max-age=86400"})
