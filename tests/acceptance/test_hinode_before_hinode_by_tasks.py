"""One Hinode before another, by the task API, as real processes that come and go.

After all of it the books of both sides are exact: each job has one hold and one end.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from hinode.db.database import Database
from hinode.media.probe import probe
from tests.support import patient
from tests.support.hinode_process import HinodeProcess
from tests.support.pictures import png_bytes
from tests.support.upstreams.line import Line
from tests.support.upstreams.wire import wire_server

pytestmark = pytest.mark.full

PATIENCE_SECONDS = 90.0
SCRIPTED = "tests.support.scripted_server"
FRAMES, PLANNED, PRICE = 3, 120, 100
CHARGED = 3
"""What 3 frames of the 120 that 100 credits are for cost."""

SETTINGS = """
engine = "back"

[engines.back]
kind = "tasks"
origin = "algorithm"
url = "{back}/v1"
key_env = "BACK_KEY"
idempotent = true
poll_interval_seconds = 0.2

[engines.line]
kind = "tasks"
origin = "algorithm"
url = "{line}/v1"
key_env = "BACK_KEY"
idempotent = true
poll_interval_seconds = 0.2

[engines.called]
kind = "tasks"
origin = "algorithm"
url = "{back}/v1"
key_env = "BACK_KEY"
idempotent = true
callback_base_url = "{front}"

[models.by-call]
engine = "called"
upstream = "sora-2"
sizes = ["720x1280"]
seconds = [4]
price = 25

[models.by-line]
engine = "line"
upstream = "sora-2"
sizes = ["720x1280", "1280x720"]
seconds = [4]
price = 25
"""


@dataclass
class Pair:
    """``front`` has no engine of its own and renders on ``back``, directly or by the ``line``."""

    front: HinodeProcess
    back: HinodeProcess
    line: Line

    def ask(self, side: HinodeProcess, method: str, path: str, **kwargs: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {side.key}"}
        return patient.request(
            method, f"{side.address}/v1{path}", headers=headers, timeout=30, **kwargs
        )

    def create(self, prompt: str, model: str = "sora-2", **more: Any) -> str:
        given = {"prompt": prompt, "duration": 4, "aspect_ratio": "9:16", **more}
        body = {"model": model, "input": given}
        answer = self.ask(self.front, "POST", "/videos/generations", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["taskId"])

    def task(self, task_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(self.front, "GET", f"/tasks/{task_id}").json()
        return found

    def ended(self, task_id: str) -> dict[str, Any]:
        until(lambda: self.task(task_id)["status"] in ("completed", "failed"))
        return self.task(task_id)

    def at_back(self, start: str = "") -> list[dict[str, Any]]:
        """The upstream's videos whose prompts begin so, newest first."""
        found = self.ask(self.back, "GET", "/videos?limit=100").json()["data"]
        return [one for one in found if one["prompt"].startswith(start)]

    def books(self, start: str) -> list[list[tuple[Any, ...]]]:
        """State, price, ledger entries and their sum of the jobs whose prompts begin so, here and
        there.
        """
        return [entries(side.data, start) for side in (self.front, self.back)]


def entries(data: Path, start: str) -> list[tuple[Any, ...]]:
    (books,) = select(
        data, "SELECT (SELECT amount FROM balances), (SELECT sum(amount) FROM ledger)"
    )
    assert books[0] == books[1]
    return select(
        data,
        "SELECT j.state, j.price, group_concat(l.kind), sum(l.amount) FROM jobs j "
        "JOIN (SELECT * FROM ledger ORDER BY id) l ON l.job_id = j.id "
        "WHERE j.prompt LIKE :start GROUP BY j.id",
        start=f"{start}%",
    )


def select(data: Path, query: str, **values: str) -> list[tuple[Any, ...]]:
    db = Database(f"sqlite:///{data / 'hinode.db'}")
    with db.read() as conn:
        rows = conn.execute(sa.text(query), values).all()
    db.dispose()
    return [tuple(row) for row in rows]


PAID = ("completed", PRICE, "hold,settle", -CHARGED)


def refunded(state: str) -> tuple[str, int, str, int]:
    return (state, PRICE, "hold,refund", 0)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with suppress(httpx.TransportError):
            if true():
                return
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with ExitStack() as running:
        folder = tmp_path_factory.mktemp("back")
        itself = {"HINODE_ENGINE": "scripted", "HINODE_ALLOW_HOSTS": '["127.0.0.1"]'}
        back = HinodeProcess(folder / "data", itself, SCRIPTED)
        back.start()
        running.callback(back.stop)
        line = Line(back.address)
        wire = running.enter_context(wire_server(line))
        front = HinodeProcess(tmp_path_factory.mktemp("front") / "data", {"BACK_KEY": back.key})
        front.data.mkdir(parents=True)
        said = SETTINGS.format(back=back.address, line=wire.url, front=front.address)
        (front.data / "hinode.toml").write_text(said)
        front.start()
        running.callback(front.stop)
        yield Pair(front, back, line)


def test_text_becomes_a_video_of_the_length_and_shape_that_were_asked_for(
    pair: Pair, tmp_path: Path
) -> None:
    task = pair.ended(pair.create("a fox in the snow", aspect_ratio="16:9"))

    assert task["status"] == "completed", task
    film = tmp_path / "film.mp4"
    film.write_bytes(patient.get(task["output"]["urls"][0]).content)
    assert probe(film).frames == FRAMES
    (there,) = pair.at_back("a fox in the snow")
    assert (there["seconds"], there["size"]) == ("4", "1280x720")
    assert task["id"].replace("-", "") not in there["id"]
    assert pair.books("a fox in the snow") == [[PAID], [PAID]]


def test_a_picture_is_the_first_frame(pair: Pair) -> None:
    picture = base64.b64encode(png_bytes(600, 400)).decode()
    urls = [f"data:image/png;base64,{picture}"]

    assert pair.ended(pair.create("it moves", image_urls=urls))["status"] == "completed"
    assert pair.books("it moves") == [[PAID], [PAID]]
    query = (
        "SELECT a.width, a.height FROM assets a JOIN jobs j ON j.id = a.job_id "
        "WHERE j.prompt = 'it moves' AND a.role = 'upload'"
    )
    assert select(pair.back.data, query) == [(720, 1280)]


def test_a_failure_is_told_and_costs_nothing_on_either_side(pair: Pair) -> None:
    task = pair.ended(pair.create("[fail] please"))

    assert task["status"] == "failed"
    assert "told to fail" in task["error"]["message"]
    assert pair.books("[fail]") == [[refunded("failed")]] * 2


def test_a_cancel_reaches_the_upstream_and_costs_nothing_on_either_side(pair: Pair) -> None:
    task_id = pair.create("[stall] for ever")
    until(lambda: pair.task(task_id).get("progress") is not None)

    assert pair.ask(pair.front, "DELETE", f"/tasks/{task_id}").status_code == 200

    until(lambda: pair.books("[stall]") == [[refunded("canceled")]] * 2)


@pytest.mark.parametrize("side", ["front", "back"])
def test_a_kill_in_the_middle_loses_and_doubles_nothing(pair: Pair, side: str) -> None:
    made = [pair.create(f"survivor of {side} {number}") for number in range(4)]
    until(lambda: pair.at_back(f"survivor of {side}") != [])
    process = pair.front if side == "front" else pair.back
    process.kill()
    process.start()

    assert [pair.ended(one)["status"] for one in made] == ["completed"] * 4
    assert pair.books(f"survivor of {side}") == [[PAID] * 4] * 2


def test_jobs_wait_for_an_upstream_that_is_away(pair: Pair) -> None:
    pair.back.kill()
    task_id = pair.create("patience")
    until(lambda: pair.task(task_id)["status"] == "processing")
    pair.back.start()

    assert pair.ended(task_id)["status"] == "completed"
    assert pair.books("patience") == [[PAID], [PAID]]


def test_the_upstream_calls_when_it_is_done(pair: Pair) -> None:
    assert pair.ended(pair.create("call me", model="by-call"))["status"] == "completed"

    def calls() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = pair.ask(pair.back, "GET", "/callbacks").json()["data"]
        return found

    until(lambda: [one["status"] for one in calls()] == ["delivered"])
    assert calls()[0]["last_try"]["status"] == 200
    assert pair.books("call me") == [[PAID], [PAID]]


def test_an_upstream_that_flaps_loses_and_doubles_nothing(pair: Pair) -> None:
    pair.line.flaps = True
    try:
        made = [pair.create(f"flapping {number}", model="by-line") for number in range(3)]
        assert [pair.ended(one)["status"] for one in made] == ["completed"] * 3
    finally:
        pair.line.flaps = False
    assert sum(pair.line.counts[one] for one in pair.line.counts if one.startswith("POST")) == 12
    assert pair.books("flapping") == [[PAID] * 3] * 2


def test_an_upstream_that_is_slow_is_waited_for(pair: Pair) -> None:
    pair.line.delay = 1.0
    try:
        task = pair.ended(pair.create("slowly", model="by-line"))
    finally:
        pair.line.delay = 0.0
    assert task["status"] == "completed"
    assert pair.books("slowly") == [[PAID], [PAID]]
