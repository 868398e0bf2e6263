"""The web app's session: its cookie, sent to `/api/auth` only, and the terms of a new one.

The cookie has no path of its own: browsers give it the folder of the log-in's calls as they see
it, ``/api/auth/app`` below whatever prefix a proxy keeps to itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.core.auth.session_service import IssuedTokens
from hinode.core.auth.types import Audience, SessionTerms

COOKIE = "hinode_session"
PATH = "/api/auth"
_ACCESS = timedelta(hours=1)


def session_terms(request: Request) -> SessionTerms:
    """Return the terms of a session that a request opens."""
    client = request.headers.get("user-agent", "")
    return SessionTerms(Audience.APP, operator=True, access=_ACCESS, client=client)


def set_session_cookie(
    request: Request,
    response: Response,
    issued: IssuedTokens,
    cookie: str,
    now: datetime,
    path: str | None = None,
) -> None:
    """Set the cookie of a session until its end; ``path`` where another folder's call sets it."""
    name, lifetime = session_cookie_name(request), issued.expires_at - now
    terms = cookie_terms(request, path)
    response.set_cookie(name, cookie, max_age=int(lifetime.total_seconds()), **terms)


def session_cookie_name(request: Request) -> str:
    """Return the cookie's name; over HTTPS browsers take one of the prefix from nobody else."""
    return f"__Secure-{COOKIE}" if request.url.scheme == "https" else COOKIE


def cookie_terms(request: Request, path: str | None = None) -> dict[str, Any]:
    """Return a cookie's terms."""
    return {
        "path": path,
        "secure": request.url.scheme == "https",
        "httponly": True,
        "samesite": "strict",
    }
