"""POST to a URL from a user: bounded, and never to a private address.

Redirects are not followed: the endpoint must have the final URL.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import httpcore
import httpx

from hinode.kit.addresses import Address, AllowList
from hinode.kit.retry_after import parse_retry_after
from hinode.kit.safe_fetch import (
    FetchError,
    FetchErrorCode,
    FetchPolicy,
    default_ssl_context,
    map_transport_errors,
    parse_url,
)
from hinode.kit.ssrf_transport import SsrfSafeTransport, resolve_host

BODY_TIMEOUT_SECONDS = 2.0
"""Seconds for a response's body after its status; the rest is dropped."""


@dataclass(frozen=True, slots=True)
class PostResponse:
    """A response: its status, the seconds it requests to wait, and the start of its body."""

    status: int
    retry_after: float | None
    body: bytes


async def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    policy: FetchPolicy,
    body_seconds: float | None = BODY_TIMEOUT_SECONDS,
) -> PostResponse:
    """POST ``body`` within ``policy`` and read ``policy.max_bytes`` of the response at most.

    Any status is a response, a redirect too. Raises :class:`FetchError` when there is none. Without
    ``body_seconds`` the response's body has all the time of ``policy``.
    """
    transport = SsrfSafeTransport(
        AllowList.parse(policy.allow_hosts), resolve_host, default_ssl_context(), policy.proxy
    )
    request = httpx.Request(
        "POST",
        parse_url(url),
        content=body,
        headers={"accept-encoding": "identity", "user-agent": "hinode", **headers},
        extensions={"timeout": httpx.Timeout(policy.timeout_s).as_dict()},
    )
    with map_transport_errors():
        async with asyncio.timeout(policy.timeout_s), transport:
            response = await transport.handle_async_request(request)
            try:
                retry_after = parse_retry_after(response.headers.get("retry-after"))
                first = await _first_bytes(response, policy.max_bytes, body_seconds)
                return PostResponse(response.status_code, retry_after, first)
            finally:
                await response.aclose()


def check_target(url: str, allow: AllowList) -> None:
    """Reject a URL that cannot be allowed; names are resolved only when sending.

    Raises :class:`FetchError`.
    """
    parsed = parse_url(url)
    address = _parse_ip_literal(parsed.host)
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    if address is not None and not allow.permits(parsed.host, address, port):
        raise FetchError(
            FetchErrorCode.BLOCKED_ADDRESS,
            f"{parsed.host} is not on the public Internet. The operator can allow it: allow_hosts.",
        )


def _parse_ip_literal(host: str) -> Address | None:
    """Parse a host that is an address, in old notations (``0x7f.1``) too."""
    with suppress(ValueError):
        return ipaddress.ip_address(host.partition("%")[0])
    with suppress(OSError, UnicodeError):
        return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


async def _first_bytes(response: httpx.Response, max_bytes: int, seconds: float | None) -> bytes:
    """Read the body that arrives in time; only the status is required."""
    data = bytearray()
    with suppress(
        TimeoutError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError
    ):
        async with asyncio.timeout(seconds):
            async for part in response.aiter_raw():
                data += part[: max_bytes - len(data)]
                if len(data) >= max_bytes:
                    break
    return bytes(data)
