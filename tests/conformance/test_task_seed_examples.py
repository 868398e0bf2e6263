"""Every curl example of the task API's document works as it stands there, with host and key."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.testing.server import live_server
from tests.support import patient
from tests.support.curl import commands, read_curl
from tests.support.receiver import Receiver, receiving
from tests.support.tasks import FRAME, wait_until_over

pytestmark = pytest.mark.from_captured_traffic

DOCUMENT = (Path(__file__).parent / "seed" / "task-api.md").read_text()
CURLS = commands(DOCUMENT)
_SHAPE = re.compile(r"^## ([^\n]+)\n\n```json\n(.+?)```", re.DOTALL | re.MULTILINE)
SHAPES: dict[str, dict[str, Any]] = {
    title: json.loads(text) for title, text in _SHAPE.findall(DOCUMENT)
}


@dataclass(frozen=True)
class Place:
    """What is filled into the examples, and a client to send them with."""

    client: httpx.Client
    receiver: Receiver
    blanks: dict[str, str]

    def run(self, title: str, **blanks: str) -> httpx.Response:
        command = CURLS[title]
        for blank, value in {**self.blanks, **blanks}.items():
            command = command.replace(blank, value)
        return read_curl(command).send(self.client)

    def find(self, task_id: str) -> dict[str, Any]:
        answer = self.run("查询任务", **{"{taskId}": task_id})
        assert answer.status_code == 200, answer.text
        task: dict[str, Any] = answer.json()
        return task


class Pictures(BaseHTTPRequestHandler):
    """Serves one picture wherever it is asked for."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "image/jpeg")
        self.send_header("content-length", str(len(FRAME)))
        self.end_headers()
        self.wfile.write(FRAME)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def pictures() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def place(pictures: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    engine = ScriptedEngine()
    with receiving() as receiver:
        settings = load_settings(
            data=tmp_path_factory.mktemp("tasks"),
            engine=engine.name,
            allow_hosts=(receiver.place, pictures),
            shutdown_seconds=0,
        )
        services = open_services(settings, engines=EngineRegistry([engine]))
        with live_server(services) as live:
            key = live.new_key("customer")
            headers = {"authorization": f"Bearer {key}"}
            with patient.Client(base_url=f"{live.url}/v1", headers=headers) as client:
                blanks = {
                    "https://api.aivideoapi.ai": live.url,
                    "sk-your-api-key": key,
                    "https://your-server.com/webhook": receiver.url,
                    "https://example.com/photo.jpg": f"http://{pictures}/photo.jpg",
                }
                yield Place(client, receiver, blanks)
        services.close()


def same_shape(found: Any, documented: Any) -> bool:
    """Whether two values have the same keys in the same order, and values of the same types."""
    if isinstance(documented, dict):
        return list(found) == list(documented) and all(
            same_shape(found[key], value) for key, value in documented.items()
        )
    if isinstance(documented, list):
        return bool(found) and all(same_shape(one, documented[0]) for one in found)
    return type(found) is type(documented)


def test_the_document_has_all_its_examples() -> None:
    assert len(CURLS) == DOCUMENT.count("```bash") == 3
    assert len(SHAPES) == DOCUMENT.count("```json") == 5


@pytest.mark.parametrize("title", ["示例:文生视频", "示例:图生视频"])
def test_a_task_is_made_found_finished_and_told(place: Place, title: str) -> None:
    place.receiver.requests.clear()

    created = place.run(title)

    assert created.status_code == 200, created.text
    assert same_shape(created.json(), SHAPES["响应"])
    task_id = created.json()["data"]["taskId"]
    wait_until_over(place.client, task_id)
    task = place.find(task_id)
    assert same_shape(task, SHAPES["完成"])
    wanted = json.loads(read_curl(CURLS[title]).data or "")["input"]
    metadata = {"duration": wanted["duration"], "prompt": wanted["prompt"]}
    assert task["output"]["metadata"] == metadata
    assert place.client.get(task["output"]["urls"][0]).content[4:8] == b"ftyp"
    told = callback_of(place.receiver)
    assert same_shape(told, SHAPES["完成"])
    assert told["id"] == task_id


def test_a_failed_task_has_the_documented_shape(place: Place) -> None:
    place.receiver.requests.clear()
    body = {
        "model": "sora-2",
        "callback_url": place.receiver.url,
        "input": {"prompt": "x [fail]", "duration": 8, "aspect_ratio": "16:9"},
    }
    task_id = place.client.post("/videos/generations", json=body).json()["data"]["taskId"]
    wait_until_over(place.client, task_id)

    task = place.find(task_id)

    assert same_shape(task, SHAPES["失败"])
    assert task["error"]["code"] == SHAPES["失败"]["error"]["code"]
    assert callback_of(place.receiver) == task


def test_a_running_task_has_the_documented_shape(place: Place) -> None:
    body = {
        "model": "sora-2",
        "input": {"prompt": "x [stall]", "duration": 8, "aspect_ratio": "16:9"},
    }
    task_id = place.client.post("/videos/generations", json=body).json()["data"]["taskId"]

    task = place.find(task_id)

    assert list(task) == list(SHAPES["处理中"])
    assert task["status"] in ("pending", "processing")
    place.client.delete(f"/tasks/{task_id}")


def test_the_documented_error_comes_word_for_word(place: Place) -> None:
    answer = place.client.post("/videos/generations", json={"input": {}})

    assert answer.status_code == 400
    assert answer.json() == SHAPES["常见错误码"]


def callback_of(receiver: Receiver) -> dict[str, Any]:
    """Wait for the one callback and return its body."""
    deadline = time.monotonic() + 15
    while not receiver.requests:
        assert time.monotonic() < deadline, "no callback came"
        time.sleep(0.02)
    (received,) = receiver.requests
    told: dict[str, Any] = json.loads(received.body)
    return told
