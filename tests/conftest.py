"""Live servers that all kinds of tests share."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from hinode.testing.server import LiveServer
from tests.support.live import open_live


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with a worker that renders by script; mark modules that use it ``DBOS``."""
    with open_live(tmp_path_factory.mktemp("live"), workers=True) as server:
        yield server


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose jobs stay queued: nobody renders them."""
    with open_live(tmp_path_factory.mktemp("idle"), workers=False) as server:
        yield server


@pytest.fixture(scope="module")
def api(idle: LiveServer) -> Iterator[httpx.Client]:
    """A client of the idle server with a key."""
    headers = {"authorization": f"Bearer {idle.new_key('tester')}"}
    with httpx.Client(base_url=f"{idle.url}/v1", headers=headers, timeout=30.0) as client:
        yield client
