"""An alias of the OpenAI dialect's base URL: ``/sora/v1`` for ``/v1``.

It is the base URL that Sora gateways document. The path is rewritten before routing, so every
route is served under both and documented once.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/sora"
_SERVED = f"{PREFIX}/v1/"


def path_below(scope: Scope) -> str:
    """Return the path of a request without the root path that a proxy adds."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


@dataclass(frozen=True, slots=True)
class PathAliasMiddleware:
    """Middleware that removes the prefix ``/sora`` from ``/sora/v1/…``."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            root, below = scope.get("root_path", ""), path_below(scope)
            if below.startswith(_SERVED):
                # In place: the logging middleware reads the matched route from the same scope.
                scope["path"] = root + below.removeprefix(PREFIX)
                scope["raw_path"] = scope.get("raw_path", b"").replace(PREFIX.encode(), b"", 1)
        await self.app(scope, receive, send)
