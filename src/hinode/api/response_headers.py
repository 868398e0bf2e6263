"""Headers of every response: CORS, unread fields, a job's route, and signed URLs' privacy.

Another origin's script needs a key of its own: with ``*``, browsers keep cookies out. The headers
are sent to requests without ``Origin`` too, as a browser's cache answers a script with what the
page's player loaded.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from hinode.api.job_route import ENGINE_HEADER, UPSTREAM_HEADER, route_headers
from hinode.api.path_alias import path_below
from hinode.api.signed_urls import PRIVACY_HEADERS, is_signed_path
from hinode.api.unread_fields import HEADER as IGNORED_HEADER
from hinode.api.unread_fields import ignored_header

EXPOSED = (
    "accept-ranges",
    "allow",
    "content-disposition",
    "content-length",
    "content-range",
    "date",
    "etag",
    "openai-poll-after-ms",
    "openai-processing-ms",
    "retry-after",
    "www-authenticate",
    "x-request-id",
    "x-should-retry",
    ENGINE_HEADER,
    IGNORED_HEADER,
    UPSTREAM_HEADER,
)
"""What SDKs and players read, and scripts of other origins may not read unless it is exposed."""

_CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", ", ".join(EXPOSED).encode()),
]
_SIGNED = [*_CORS, *((name.encode(), value.encode()) for name, value in PRIVACY_HEADERS.items())]
_ALLOWED_METHODS = "DELETE, GET, HEAD, PATCH, POST, PUT"
"""All methods that clients use: one that a path has not gets its 405, which a script can read."""
_PREFLIGHT_SECONDS = 86_400


def added_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the headers that are added to the response of a request, whose path is that served."""
    added = _SIGNED if is_signed_path(path_below(scope)) else _CORS
    return [*added, *ignored_header(scope), *route_headers(scope)]


def allow_header(methods: Iterable[str]) -> str:
    """Return the value of ``Allow`` for a path with routes of these methods."""
    return ", ".join(sorted({*methods, "OPTIONS"}))


def options_response(request: Request, methods: Iterable[str]) -> Response:
    """Return the response to OPTIONS: what the path serves, and a preflight's permission."""
    headers = {"allow": allow_header(methods)}
    if is_preflight(request):
        headers["access-control-allow-methods"] = _ALLOWED_METHODS
        headers["access-control-max-age"] = str(_PREFLIGHT_SECONDS)
        wanted = request.headers.get("access-control-request-headers")
        if wanted:  # as asked: browsers do not take `*` to mean `Authorization`
            headers["access-control-allow-headers"] = wanted
    return Response(status_code=204, headers=headers)


def is_preflight(request: Request) -> bool:
    """Return whether a browser asks by OPTIONS if it may send a script's request."""
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers
