"""A signal stops a server at whatever moment it comes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette

from hinode.cli.server import stop_on_signals

STOPS = (signal.SIGTERM, signal.SIGINT)


@pytest.fixture
def server() -> Iterator[uvicorn.Server]:
    before = {number: signal.getsignal(number) for number in STOPS}
    yield uvicorn.Server(uvicorn.Config(Starlette(), port=0, log_config=None))
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.our_choice
@pytest.mark.parametrize("number", STOPS)
def test_a_signal_that_comes_before_the_start_ends_the_server(
    server: uvicorn.Server, number: signal.Signals
) -> None:
    stop_on_signals(server)
    os.kill(os.getpid(), number)

    server.run()

    assert not any(one.is_serving() for one in server.servers)
