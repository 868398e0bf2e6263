"""The web app's session: its cookie, sent to `/api/auth` only, and the terms of a new one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

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
    response: Response, issued: IssuedTokens, cookie: str, now: datetime, terms: dict[str, Any]
) -> None:
    """Set the cookie of a session until its end."""
    lifetime = issued.expires_at - now
    response.set_cookie(COOKIE, cookie, max_age=int(lifetime.total_seconds()), **terms)


def cookie_terms(request: Request, public_url: str) -> dict[str, Any]:
    """Return a cookie's terms; its path is the one that the browser sees."""
    public = urlsplit(public_url)
    below = public.path if public.netloc == request.headers.get("host") else ""
    root = request.scope.get("root_path", "") or below
    return {
        "path": root.rstrip("/") + PATH,
        "secure": request.url.scheme == "https",
        "httponly": True,
        "samesite": "strict",
    }
