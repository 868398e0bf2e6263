"""Live servers that all kinds of tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, settings

from hinode.kit.captured_lines import capture
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.cheap_secrets import make_secrets_cheap
from tests.support.clock import pytest_sessionstart  # noqa: F401 - a hook of pytest
from tests.support.decoded_once import decode_once
from tests.support.fast_sqlite import use_fast_sqlite
from tests.support.leftovers import nothing_left  # noqa: F401 - a fixture of every module
from tests.support.live import open_live
from tests.support.openai import listed
from tests.support.recording import (
    pytest_sessionfinish,  # noqa: F401 - a hook of pytest
    pytest_testnodedown,  # noqa: F401 - a hook of pytest-xdist
    record,
)

# The default draws tracebacks with all variables, for seconds.
structlog.configure(
    processors=[
        record,
        structlog.processors.format_exc_info,
        capture,
        structlog.processors.JSONRenderer(),
    ]
)
# How quick the machine is, is no test's matter.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
gc.disable()  # all that is loaded until the tests have been collected stays
use_fast_sqlite()
decode_once()
make_secrets_cheap()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with a worker that renders by script."""
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
    with patient.Client(base_url=f"{idle.url}/v1", headers=headers) as client:
        yield client


@pytest.fixture
def nothing_made(api: httpx.Client, idle: LiveServer) -> Iterator[None]:
    """Hold a test to leaving no job, no held credit and no file behind."""

    def everything() -> tuple[object, ...]:
        files = sorted(path for path in (idle.services.settings.data / "objects").rglob("*.*"))
        with idle.services.db.read() as conn:
            entries = conn.exec_driver_sql("SELECT count(*) FROM ledger").scalar()
        return listed(api), files, entries

    before = everything()
    yield
    assert everything() == before


def pytest_collection_finish() -> None:
    """Let the collector of garbage run from now on, and not look through what was loaded."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """More than there are cores, as many tests wait for another process.

    Two more for the default tier; one for the others, whose tests start several processes each.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    waiting = 2 if config.getoption("markexpr") == "not full" else 1
    return len(os.sched_getaffinity(0)) + waiting
