"""Other spellings of served paths, rewritten before routing and never answered by a redirect.

Base URLs that gateways and Azure document (``/sora/v1``, ``/openai/v1``, ``/openai`` and
``/openai/deployments/<model>``) stand for ``/v1``, which may be doubled; doubled and trailing
slashes are dropped. So every route is served under all of them and documented once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Receive, Scope, Send

_BASE = re.compile(rb"/+(?:(?:sora|openai)/+)?v1(?:/+v1)*(?=/|$)")
# Azure's older base URLs; another version than v1 is not served.
_AZURE = re.compile(rb"/+openai(?:/+deployments/+(?P<model>[^/]+))?(?=/)(?!/+v[0-9])")
_MODEL = re.compile(rb"/v1/+models/+(?=[^/])")
_SIGNED = re.compile(rb"/+files/")
_SLASHES = re.compile(rb"//+")
_DEPLOYMENT = "hinode.deployment"
_REQUESTED = "hinode.requested_path"


def path_below(scope: Scope) -> str:
    """Return the path of a request without the root path that a proxy adds."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def deployment_of(scope: Scope) -> str | None:
    """Return the model that Azure's path of a request names, in percent-decoded form."""
    found: str | None = scope.get(_DEPLOYMENT)
    return found


def requested_path(scope: Scope) -> str:
    """Return the path of a request as the client wrote it, without the root path."""
    found: str = scope.get(_REQUESTED) or path_below(scope)
    return found


def way_to_root(scope: Scope) -> str:
    """Return the root's address relative to what the client asked for, with a slash.

    It holds below any prefix that a proxy keeps to itself, told or not.
    """
    return "../" * (requested_path(scope).count("/") - 1)


def served_path(raw: bytes) -> bytes:
    """Return the path that a percent-encoded one is served as; an encoded slash is no slash.

    Signed URLs of files and ids of models, which may have slashes, are kept.
    """
    if signed := _SIGNED.match(raw):
        return b"/files/" + raw[signed.end() :]
    base = _BASE.match(raw) or _AZURE.match(raw)
    path = b"/v1" + raw[base.end() :] if base else raw
    if model := _MODEL.match(path):
        return b"/v1/models/" + path[model.end() :]
    return _SLASHES.sub(b"/", path).rstrip(b"/") or b"/"


@dataclass(frozen=True, slots=True)
class PathAliasMiddleware:
    """Middleware that serves a request as the one for :func:`served_path`."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
            below = raw.removeprefix(scope.get("root_path", "").encode())
            served = served_path(below)
            if (azure := _AZURE.match(below)) and azure["model"]:
                scope[_DEPLOYMENT] = unquote(azure["model"].decode("ascii"))
            if served != below:
                scope[_REQUESTED] = below.decode("ascii")
                # In place: the logging middleware reads the matched route from the same scope.
                scope["raw_path"] = raw.removesuffix(below) + served
                scope["path"] = unquote(scope["raw_path"].decode("ascii"))
        await self.app(scope, receive, send)
