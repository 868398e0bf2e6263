"""Where the operator asks for it, characters need the stated consent of the person shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Scope
from hinode.core.characters.tables import cameos, characters
from hinode.testing.server import LiveServer
from tests.support.accounts import account_with, client_with
from tests.support.films import write_film
from tests.support.live import open_live


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with open_live(
        tmp_path_factory.mktemp("consent"), workers=False, character_consent=True
    ) as running:
        yield running


@pytest.fixture
def client(server: LiveServer) -> Iterator[httpx.Client]:
    new = KeyCreate(account_with(server.services), "k", frozenset({Scope.VIDEOS, Scope.SORA}))
    with client_with(server, server.services.core.keys.create(new).secret, "") as opened:
        yield opened


def uploaded(client: httpx.Client, path: str, clip: bytes, **more: str) -> httpx.Response:
    if path == "/v1/videos/characters":
        return client.post(path, data={"name": "Mia", **more}, files={"video": clip})
    return client.post(path, data={"timestamps": "0,2", **more}, files={"file": clip})


@pytest.mark.parametrize(
    ("path", "table"),
    [("/v1/videos/characters", characters), ("/backend/characters/upload", cameos)],
)
def test_an_upload_needs_the_statement(
    server: LiveServer, client: httpx.Client, tmp_path: Path, path: str, table: Any
) -> None:
    clip = write_film(tmp_path / "mia.mp4").read_bytes()

    for more in ({}, {"consent": "false"}):
        refused = uploaded(client, path, clip, **more)
        assert refused.status_code == 400, refused.text
        assert refused.json()["error"]["param"] == "consent"
        assert "true if the person in the clip agrees" in refused.json()["error"]["message"]
    made = uploaded(client, path, clip, consent="true")

    assert made.status_code == 200, made.text
    with server.services.db.read() as conn:
        (row,) = conn.execute(table.select())
    assert row.consent is True
