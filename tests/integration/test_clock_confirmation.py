"""Operators see everywhere that a clock is not believed, and confirm it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from hinode import load_settings, open_services
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.accounts import operator_client
from tests.support.hinode_process import hinode

AHEAD = timedelta(days=40)


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[LiveServer]:
    services = open_services(load_settings(data=tmp_path, database=database_url, workers=False))
    try:
        with live_server(services) as live:
            yield live
    finally:
        services.close()


@pytest.fixture
def admin(server: LiveServer) -> Iterator[httpx.Client]:
    with operator_client(server, "/v1/admin") as client:
        yield client


def jump(server: LiveServer) -> None:
    """Leave what a worker stores before its machine's clock goes 40 days ahead."""
    clocks = server.services.core.clocks
    now = clocks.mark()
    clocks.store(replace(now, time=now.time - AHEAD))


def believed(server: LiveServer) -> float:
    text = patient.get(f"{server.url}/metrics").text
    found = re.search(r"^hinode_clock_believed (\S+)$", text, re.MULTILINE)
    assert found is not None, text
    return float(found[1])


def command(server: LiveServer, *words: str, stdin: str = "") -> tuple[int, str]:
    settings = server.services.settings
    where = ("--data", str(settings.data), "--database", settings.database_url)
    done = hinode(*words, *where, stdin=stdin)
    return done.returncode, done.stdout + done.stderr


def readiness(server: LiveServer) -> httpx.Response:
    return patient.get(f"{server.url}/readyz")


def test_a_clock_in_order_is_told_everywhere(server: LiveServer, admin: httpx.Client) -> None:
    assert readiness(server).json()["clock"] == "ok"
    assert believed(server) == 1
    assert admin.get("/clock").json()["doubt"] is None
    code, said = command(server, "clock", "show")
    assert (code, "→" in said) == (0, False)
    code, said = command(server, "doctor")
    assert re.search(r"ok  clock: shows \d", said), said


def test_a_jump_is_told_everywhere(server: LiveServer, admin: httpx.Client) -> None:
    jump(server)

    answer = readiness(server)
    assert (answer.status_code, answer.json()["clock"]) == (200, "jumped")
    assert believed(server) == 0
    shown = admin.get("/clock").json()
    assert shown["doubt"] == "jumped"
    assert shown["time"] - shown["stored_at"] == pytest.approx(AHEAD.total_seconds(), abs=300)
    for words in (("doctor",), ("clock", "show")):
        code, said = command(server, *words)
        assert code == 0, said
        assert "has jumped since" in said
        assert "hinode clock confirm" in said


@pytest.mark.parametrize("words", [["--yes"], []])
def test_the_operator_confirms_by_command(server: LiveServer, words: list[str]) -> None:
    jump(server)

    code, said = command(server, "clock", "confirm", *words, stdin="y\n")

    assert code == 0, said
    assert readiness(server).json()["clock"] == "ok"
    assert believed(server) == 1


def test_a_question_that_is_denied_confirms_nothing(server: LiveServer) -> None:
    jump(server)

    code, said = command(server, "clock", "confirm", stdin="n\n")

    assert code == 1, said
    assert readiness(server).json()["clock"] == "jumped"


def test_an_administrator_confirms_with_the_time_of_another_clock(
    server: LiveServer, admin: httpx.Client
) -> None:
    jump(server)
    now = int(server.services.clock.now().timestamp())

    refused = admin.post("/clock/confirm", json={"time": now - int(AHEAD.total_seconds())})
    assert refused.status_code == 400
    assert "more than an hour" in refused.json()["error"]["message"]
    assert readiness(server).json()["clock"] == "jumped"

    answer = admin.post("/clock/confirm", json={"time": now})
    assert answer.status_code == 200, answer.text
    assert answer.json()["doubt"] is None
    assert readiness(server).json()["clock"] == "ok"
