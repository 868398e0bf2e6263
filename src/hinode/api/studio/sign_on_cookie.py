"""The cookie that binds an attempt of single sign-on to the browser that began it.

Somebody who plants an attempt of their own in another browser, with an answer of the provider for
it, would log that browser in as themselves. Over HTTPS browsers accept the cookie from this host
only. Over plain HTTP each page of the host, on any port, can set it: it counts only from the
network that the server gave it to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.client_address import read_address
from hinode.api.studio.session_cookie import cookie_terms
from hinode.kit.openid_connect import SignOnAttempt
from hinode.kit.url_signing import UrlSigner

COOKIE = "hinode_sign_on"
_LIFETIME = timedelta(minutes=10)
_PARTS = 6
_EXPIRES = re.compile(r"[0-9]{1,12}")
_V6_NETWORK = 64
"""Bits of the part of an IPv6 address that stays when a host takes another one."""


@dataclass(frozen=True, slots=True)
class BegunSignOn:
    """An attempt, and the page of the web app to end at."""

    attempt: SignOnAttempt
    page: str


def set_sign_on_cookie(
    request: Request, response: Response, begun: BegunSignOn, signer: UrlSigner, now: datetime
) -> None:
    """Set the cookie of an attempt, for ten minutes."""
    attempt, expires = begun.attempt, int((now + _LIFETIME).timestamp())
    kept = "~".join((attempt.state, attempt.nonce, attempt.verifier, quote(begun.page, safe="")))
    signature = signer.sign(_signed(request, kept), expires)
    value, lifetime = f"{expires}~{signature}~{kept}", int(_LIFETIME.total_seconds())
    response.set_cookie(_name(request), value, max_age=lifetime, **_terms(request))


def read_sign_on_cookie(request: Request, signer: UrlSigner, now: datetime) -> BegunSignOn | None:
    """Return the attempt that this browser began; None without one, or when it is over."""
    parts = request.cookies.get(_name(request), "").split("~")
    if len(parts) != _PARTS or not _EXPIRES.fullmatch(parts[0]):
        return None
    expires, kept = int(parts[0]), "~".join(parts[2:])
    if expires <= now.timestamp() or not signer.verify(_signed(request, kept), expires, parts[1]):
        return None
    return BegunSignOn(SignOnAttempt(*parts[2:5]), unquote(parts[5]))


def delete_sign_on_cookie(request: Request, response: Response) -> None:
    """Delete the cookie: an attempt counts once."""
    response.delete_cookie(_name(request), **_terms(request))


def _signed(request: Request, kept: str) -> str:
    return f"sign-on {'' if _is_secure(request) else _network_of(request)} {kept}"


def _network_of(request: Request) -> str:
    address = read_address(request.client.host if request.client else "")
    if address is None or address.version == 4:
        return str(address)
    return str(ip_network((address, _V6_NETWORK), strict=False))


def _name(request: Request) -> str:
    return f"__Host-{COOKIE}" if _is_secure(request) else COOKIE


def _terms(request: Request) -> dict[str, Any]:
    # Lax: the provider's redirect is a navigation from another site.
    path = "/" if _is_secure(request) else None
    return {**cookie_terms(request, path), "samesite": "lax"}


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
