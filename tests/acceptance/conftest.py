"""Real servers for the acceptance tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support import patient
from tests.support.databases import postgres_server
from tests.support.hinode_process import HinodeProcess
from tests.support.model_studio import Studio, opened_studio
from tests.support.open_models import has_torch, make_tiny_models
from tests.support.pictures import png_bytes


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HinodeProcess]:
    """A running server on a new data folder."""
    process = HinodeProcess(tmp_path / "data")
    process.start()
    yield process
    process.stop()


@pytest.fixture
def client(server: HinodeProcess) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {server.key}"}
    with patient.Client(base_url=f"{server.address}/v1", headers=headers, timeout=30) as opened:
        yield opened


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all tiny models that can be rendered with."""
    if not has_torch():
        pytest.skip("torch for the CPU is missing: make torch")
    folder = tmp_path_factory.mktemp("models")
    make_tiny_models(folder)
    return folder


@pytest.fixture(scope="module")
def studio(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """An engine that renders with the tiny models, for all tests of a module."""
    with opened_studio(tiny_models, tmp_path_factory.mktemp("renders")) as made:
        yield made


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture to render from, of another shape than the renders."""
    path = tmp_path / "first.png"
    path.write_bytes(png_bytes(90, 70))
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new database: a file in the data folder, or on a PostgreSQL of its own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'data' / 'hinode.db'}"
        return
    with postgres_server() as postgres, postgres.fresh() as url:
        yield url
