"""The other base URL of the OpenAI dialect: ``/sora/v1`` is ``/v1``.

It is the base that the gateway documents whose API the dialect serves. The path is rewritten
before any route is looked for, so every route is served under both, and documented once.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/sora"
_SERVED = f"{PREFIX}/v1/"


def path_below(scope: Scope) -> str:
    """Return a request's path without the root path that a proxy put before it."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


@dataclass(frozen=True, slots=True)
class PathAliasMiddleware:
    """The middleware that forgets the prefix."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            root, below = scope.get("root_path", ""), path_below(scope)
            if below.startswith(_SERVED):
                # In place: the observer outside finds the matched route in this very scope.
                scope["path"] = root + below.removeprefix(PREFIX)
                scope["raw_path"] = scope.get("raw_path", b"").replace(PREFIX.encode(), b"", 1)
        await self.app(scope, receive, send)
