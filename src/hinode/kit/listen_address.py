"""Addresses to listen on, as ``host:port``: ``0.0.0.0:9100``, ``[::]:9100``, ``:9100``."""

from __future__ import annotations

MAX_PORT = 65_535


def parse_listen_address(text: str) -> tuple[str, int]:
    """Return host and port; an empty host means all IPv4 addresses. Raises ``ValueError``."""
    host, colon, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    is_bracketed = host == f"[{bare}]"
    if not colon or not port.isdecimal() or int(port) > MAX_PORT or (":" in bare) != is_bracketed:
        raise ValueError("must be host:port, such as 127.0.0.1:9100 or [::1]:9100")
    return bare or "0.0.0.0", int(port)  # noqa: S104 - as the operator asks


def check_listen_address(text: str) -> str:
    """Return an address, or an empty text, as it is. Raises ``ValueError`` for any other."""
    if text:
        parse_listen_address(text)
    return text
