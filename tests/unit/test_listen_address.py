"""Addresses to listen on, as operators write them."""

from __future__ import annotations

import pytest

from hinode.kit.listen_address import parse_listen_address


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:9100", "127.0.0.1", 9100),
        (":9100", "0.0.0.0", 9100),
        ("[::1]:0", "::1", 0),
        ("gpu.lan:65535", "gpu.lan", 65535),
    ],
)
def test_host_and_port_are_read(text: str, host: str, port: int) -> None:
    assert parse_listen_address(text) == (host, port)


@pytest.mark.parametrize("text", ["9100", "::1:9100", "host:", "host:65536", "host:http", "[::1]"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be host:port"):
        parse_listen_address(text)
