"""Tell requests of our own pages from those of other sites, and from other programs.

Browsers send ``Sec-Fetch-Site`` (W3C Fetch Metadata) over HTTPS and to this machine, and ``Origin``
with every POST. Cookies do not tell ports apart, so the page of another server on this host, which
is ``same-site``, is another site too.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request

from hinode.core.errors import ErrorCode, HinodeError

_FORWARDED = ("forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip")


def from_own_page(request: Request, public_url: str) -> bool | None:
    """Return whether a page of ours sent the request; None when no header tells."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return None
    own = {f"{request.url.scheme}://{request.headers.get('host', '')}", _origin(public_url)}
    return origin.lower() in {one.lower() for one in own}


def reject_foreign_page(request: Request, public_url: str) -> None:
    """Reject a request of a page that is not ours; other programs are let through.

    Raises :class:`HinodeError`.
    """
    if from_own_page(request, public_url) is False:
        raise _foreign("Requests from pages of other sites are not accepted.")


def require_own_page(request: Request, public_url: str) -> None:
    """Reject a request unless a header tells that a page of ours sent it.

    Raises :class:`HinodeError`.
    """
    if not from_own_page(request, public_url):
        raise _foreign("Only pages of this server may send this request.")


def require_this_machine(request: Request) -> None:
    """Reject a request unless a browser on this machine sent it here directly.

    The peer and the names in ``Host`` and ``Origin`` are this machine's: a name of another site
    that was made to point here is not. Nothing tells of a proxy: no header, and no HTTP/1.0, which
    a proxy may speak that was told nothing else, but no browser. Raises :class:`HinodeError`.
    """
    peer = request.client.host if request.client else ""
    forwarded = any(
        name in _FORWARDED or name.startswith("x-forwarded") for name in request.headers
    )
    names = (peer, request.url.hostname or "", urlsplit(_origin_of(request)).hostname or "")
    is_old = request.scope.get("http_version") == "1.0"
    if forwarded or is_old or not all(map(_is_this_machine, names)):
        raise _foreign("A log-in link works on the server's own machine only.")


def _origin_of(request: Request) -> str:
    """Return the origin of the page, by default that of the request, as browsers leave it out."""
    return request.headers.get("origin") or str(request.url)


def _is_this_machine(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _foreign(message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_CREDENTIALS, message)
