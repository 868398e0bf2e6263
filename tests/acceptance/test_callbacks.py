"""A server that is killed between a task's settlement and its callback still tells of it, once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from standardwebhooks import Webhook

from tests.support import patient
from tests.support.hinode_process import HinodeProcess, hinode
from tests.support.receiver import Answer, Received, receiving
from tests.support.tasks import PATH, made, task_body


def until(true: Callable[[], bool], seconds: float = 40.0) -> None:
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "waited too long"
        time.sleep(0.05)


def test_the_callback_arrives_after_a_kill_with_the_same_id_and_the_charge_once(
    tmp_path: Path,
) -> None:
    small = '{"sora-2": {"sizes": ["160x90"]}}'
    server = HinodeProcess(
        tmp_path / "data", {"HINODE_ALLOW_HOSTS": '["127.0.0.1"]', "HINODE_MODELS": small}
    )
    server.start()
    headers = {"authorization": f"Bearer {server.key}"}
    with (
        receiving() as receiver,
        patient.Client(base_url=f"{server.address}/v1", headers=headers, timeout=20.0) as client,
    ):

        def hang_at_first(number: int, request: Received) -> Answer:
            if number == 1:
                receiver.released.wait(60)
            return Answer()

        receiver.answer = hang_at_first
        task_id = made(client.post(PATH, json={**task_body(), "callback_url": receiver.url}))
        until(lambda: len(receiver.requests) == 1)
        task, credits = client.get(f"/tasks/{task_id}").json(), client.get("/credits").json()
        assert task["status"] == "completed"
        server.kill()  # the settlement is done; the callback is on its way, and not noted

        server.start()
        until(lambda: len(receiver.requests) == 2)
        data = ["--data", str(server.data)]
        until(lambda: "delivered" in hinode("webhook", "deliveries", *data).stdout)
        assert client.get("/credits").json() == credits
        assert credits["spent"] == 100
        secret = hinode("account", "secret", "admin", *data).stdout.strip()
        assert client.get("/callback_secret").json() == {"secret": secret}
        receiver.released.set()
        server.stop()

    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    Webhook(secret).verify(second.body.decode(), dict(second.headers))
