"""Certificates of an authority of one's own are trusted where the environment names it."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from hinode.cli.generate_remote import remedy
from hinode.kit.safe_fetch import default_ssl_context
from tests.support.authority import authority_for

NAME = "inside.example"


def handshake(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    """Shake hands in memory. Raises :class:`ssl.SSLError` when the client does not trust."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(down, up, server_hostname=NAME),
        server.wrap_bio(up, down, server_side=True),
    ]
    while sides:
        for side in list(sides):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
                sides.remove(side)


def test_the_authority_that_the_environment_names_is_trusted_beside_the_public_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _ = authority_for(NAME, tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, default_ssl_context.__wrapped__())

    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    context = default_ssl_context.__wrapped__()

    handshake(server, context)
    assert len(context.get_ca_certs()) > 50  # the public ones


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "SSL_CERT_FILE"),
        ("[Errno 111] Connection refused", "hinode serve"),
    ],
)
def test_a_server_that_cannot_be_reached_is_told_with_what_would_do(reason: str, told: str) -> None:
    assert told in remedy(httpx.ConnectError(reason))
