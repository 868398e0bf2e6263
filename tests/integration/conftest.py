"""The same tests on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hinode import EngineRegistry, Services, load_settings, open_services
from hinode.core.auth.bootstrap import ensure_admin, first_key
from hinode.core.auth.types import Caller, Scope
from hinode.testing.clock import FakeClock
from hinode.workflows.queues import create_tables
from tests.support.clock import suite_clock
from tests.support.databases import Postgres, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hinode.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.fresh() as url:
        yield url


@pytest.fixture
def clock() -> FakeClock:
    return suite_clock()


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Services]:
    """A studio on a fresh database; nothing runs its jobs."""
    settings = load_settings(data=tmp_path, database=database_url)
    opened = open_services(settings, engines=EngineRegistry([]), clock=clock)
    create_tables(opened.db)
    yield opened
    opened.close()


@pytest.fixture
def caller(services: Services) -> Caller:
    """The admin, proven by the first key."""
    ensure_admin(services.db, services.clock)
    made = first_key(services.db, services.clock)
    assert made is not None
    return services.core.auth.authenticate(made.secret, Scope.VIDEOS)
