"""A killed server still tells who listens."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.support.hinode_process import HinodeProcess, hinode
from tests.support.receiver import Answer, receiving


def until(true: Callable[[], bool], seconds: float = 40.0) -> None:
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "waited too long"
        time.sleep(0.05)


def test_an_event_that_waited_for_its_next_try_when_the_server_was_killed_arrives(
    tmp_path: Path,
) -> None:
    server = HinodeProcess(tmp_path / "data", {"HINODE_ALLOW_HOSTS": '["127.0.0.1"]'})
    server.start()
    with receiving() as receiver:
        receiver.answer = lambda number, _: Answer(500 if number == 1 else 200)
        with server.client() as client:
            body = {"name": "n", "url": receiver.url, "event_types": ["video.failed"]}
            assert client.post("/webhook_endpoints", json=body).status_code == 200
            video = client.post("/videos", json={"prompt": "a fox", "seconds": "12"}).json()
            client.post(f"/videos/{video['id']}/cancel")
        data = ["--data", str(server.data)]
        until(lambda: "pending" in hinode("webhook", "deliveries", *data).stdout)
        until(lambda: len(receiver.requests) == 1)
        server.kill()

        server.start()  # by the standard, the second try comes five seconds after the first
        until(lambda: len(receiver.requests) == 2)
        until(lambda: "delivered" in hinode("webhook", "deliveries", *data).stdout)
        server.stop()

    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
