"""Callbacks from a task's end to a real receiver: the documented body, signed, through crashes."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from openai import InvalidWebhookSignatureError, OpenAI
from standardwebhooks import Webhook

from hinode import EngineRegistry, load_settings, open_services
from hinode.api.tasks import schemas
from hinode.core.jobs.tables import callback_credentials
from hinode.core.jobs.types import JobError
from hinode.core.webhooks.retry_schedule import RetrySchedule
from hinode.core.webhooks.types import DeliveryState
from hinode.db.metadata import metadata
from hinode.kit.ids import decode_id
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.receiver import Answer, Received, Receiver, receiving
from tests.support.tasks import PATH, invalid, made, refused, task_body, wait_until_over

CONCURRENCY = RetrySchedule((0.0, 0.0, 0.0, 0.0))
BROKEN = JobError("broken", "It broke.")


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture(scope="module")
def slow() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture(autouse=True)
def forgetful(receiver: Receiver) -> None:
    receiver.requests.clear()
    receiver.answer = lambda number, request: Answer()


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, receiver: Receiver, slow: Receiver
) -> Iterator[LiveServer]:
    """A server with a worker that may reach the receiver, and tries again soon."""
    engine = ScriptedEngine()
    settings = load_settings(
        data=tmp_path_factory.mktemp("callbacks"),
        engine=engine.name,
        allow_hosts=(receiver.place, slow.place),
        shutdown_seconds=0,
    )
    services = open_services(settings, engines=EngineRegistry([engine]), retry_schedule=CONCURRENCY)
    with live_server(services) as live:
        yield live
    services.close()


@pytest.fixture(scope="module")
def client(server: LiveServer) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {server.new_key('tasker')}"}
    with patient.Client(base_url=f"{server.url}/v1", headers=headers, timeout=20.0) as one:
        yield one


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "waited too long"
        time.sleep(0.02)


def verified(received: Received, secret: str) -> dict[str, object]:
    """Return the body if both verifiers accept its signature."""
    body = received.body.decode()
    Webhook(secret).verify(body, dict(received.headers))
    verified_by_sdk(received, secret)
    task: dict[str, object] = json.loads(body)
    return task


def without_links(task: dict[str, object]) -> dict[str, object]:
    """A task whose links begin after their signature, whose expiry moves by the second."""
    text = json.dumps(task)
    output = json.loads(text).get("output")
    if output:
        cut = [url.split("/")[-3:] for url in output["urls"]]
        return {**task, "output": {**output, "urls": cut}}
    return task


def newest_task(client: httpx.Client) -> list[dict[str, object]]:
    return [without_links(one) for one in client.get("/tasks").json()["data"][:1]]


@pytest.mark.from_captured_traffic
@pytest.mark.parametrize("prompt", ["a fox", "x [fail]"])
def test_the_callback_is_the_task_as_the_query_answers_it(
    client: httpx.Client, receiver: Receiver, prompt: str
) -> None:
    body = {**task_body(prompt), "callback_url": receiver.url}
    task_id = made(client.post(PATH, json=body))
    task = wait_until_over(client, task_id)
    until(lambda: len(receiver.requests) == 1)

    received = receiver.requests[0]
    told = verified(received, client.get("/callback_secret").json()["secret"])

    assert received.headers["content-type"] == "application/json"
    assert without_links(told) == without_links(task)
    assert list(told) == list(task)
    if told["status"] == "completed":
        output = json.loads(received.body)["output"]
        assert patient.get(output["urls"][0]).content[4:8] == b"ftyp"


@pytest.mark.proven_by_official_client
def test_another_secret_opens_nothing(
    client: httpx.Client, receiver: Receiver, server: LiveServer
) -> None:
    made(client.post(PATH, json={**task_body(), "callback_url": receiver.url}))
    until(lambda: len(receiver.requests) == 1)
    headers = {"authorization": f"Bearer {server.new_key('other')}"}
    other = patient.get(f"{server.url}/v1/callback_secret", headers=headers).json()["secret"]

    with pytest.raises(InvalidWebhookSignatureError):
        OpenAI(api_key="unused", webhook_secret=other).webhooks.verify_signature(
            receiver.requests[0].body.decode(), receiver.requests[0].headers
        )


def test_a_canceled_task_is_told_as_failed(client: httpx.Client, receiver: Receiver) -> None:
    task_id = made(client.post(PATH, json={**task_body("x [stall]"), "callback_url": receiver.url}))
    assert client.delete(f"/tasks/{task_id}").json()["data"]["status"] == "canceled"

    until(lambda: len(receiver.requests) == 1)

    assert json.loads(receiver.requests[0].body)["error"]["code"] == "canceled"


def test_a_receiver_that_fails_gets_the_same_again_and_each_try_is_logged(
    client: httpx.Client, receiver: Receiver, server: LiveServer
) -> None:
    receiver.answer = lambda number, request: Answer(500 if number < 3 else 200, body=b"sorry")
    made(client.post(PATH, json={**task_body(), "callback_url": receiver.url}))
    until(lambda: len(receiver.requests) == 3)

    first, *others = receiver.requests
    assert {one.body for one in others} == {first.body}
    assert {one.headers["webhook-id"] for one in others} == {first.headers["webhook-id"]}
    deliveries = server.services.core.deliveries
    event_id = decode_id("evt_", first.headers["webhook-id"])
    assert event_id is not None
    until(lambda: deliveries.history(event_id)[-1].state is DeliveryState.DELIVERED)
    tries = deliveries.history(event_id)
    assert [(one.attempt, one.status, one.response) for one in tries] == [
        (1, 500, "sorry"),
        (2, 500, "sorry"),
        (3, 200, "sorry"),
    ]
    assert tries[0].event_type == "task.completed"
    assert deliveries.resend(event_id) == 1
    until(lambda: len(receiver.requests) == 4)
    assert receiver.requests[3].body == first.body


def test_redirects_are_not_followed(
    client: httpx.Client, receiver: Receiver, server: LiveServer
) -> None:
    target = f"http://{receiver.place}/elsewhere"
    receiver.answer = lambda number, request: Answer(302, {"location": target})
    made(client.post(PATH, json={**task_body(), "callback_url": receiver.url}))

    until(lambda: len(receiver.requests) == len(CONCURRENCY.delays))
    newest = server.services.core.deliveries.newest
    until(lambda: newest(1)[0].state is DeliveryState.FAILED)

    assert {one.path for one in receiver.requests} == {"/hook"}
    assert "redirects" in (newest(1)[0].error or "")


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.8/hook",
        "http://169.254.169.254/latest",
        "ftp://example.com/hook",
        "nonsense",
        "http://user:secret@10.0.0.8/",
        f"https://example.com/{'x' * 2100}",
    ],
)
def test_urls_that_nothing_may_be_sent_to_are_refused_before_anything_is_made(
    client: httpx.Client, url: str
) -> None:
    before = newest_task(client)

    message = invalid(client.post(PATH, json={**task_body(), "callback_url": url}))

    assert "'callback_url'" in message
    assert newest_task(client) == before


def test_a_slow_receiver_delays_nobody(
    client: httpx.Client, receiver: Receiver, slow: Receiver
) -> None:
    def wait(number: int, request: Received) -> Answer:
        slow.released.wait(30)
        return Answer()

    slow.answer = wait
    for _ in range(20):  # more than are sent to one receiver at once
        made(client.post(PATH, json={**task_body(), "callback_url": slow.url}))
    until(lambda: len(slow.requests) > 0)

    made(client.post(PATH, json={**task_body(), "callback_url": receiver.url}))

    until(lambda: len(receiver.requests) == 1)


def test_callbacks_are_listed_as_they_went(client: httpx.Client, receiver: Receiver) -> None:
    receiver.answer = lambda number, request: Answer(500 if number < 2 else 200, body=b"sorry")
    task_id = told(client, receiver)

    page = client.get("/callbacks", params={"limit": 1}).json()
    callback = page["data"][0]

    schemas.CallbackPage.model_validate(page)
    assert callback["id"] == receiver.requests[0].headers["webhook-id"]
    assert (callback["task_id"], callback["url"], callback["tries"]) == (task_id, receiver.url, 2)
    assert (callback["last_try"]["status"], callback["last_try"]["answer"]) == (200, "sorry")
    rest = client.get("/callbacks", params={"cursor": callback["id"]}).json()["data"]
    assert callback["id"] not in {one["id"] for one in rest}


def test_a_callback_is_sent_again_with_the_same_id_and_body(
    client: httpx.Client, receiver: Receiver
) -> None:
    told(client, receiver)
    (first,) = receiver.requests

    answer = client.post(f"/callbacks/{first.headers['webhook-id']}/resend")

    assert answer.status_code == 200, answer.text
    schemas.SentCallback.model_validate(answer.json())
    until(lambda: len(receiver.requests) == 2)
    again = receiver.requests[1]
    assert again.body == first.body
    assert again.headers["webhook-id"] == first.headers["webhook-id"]
    ids = [one["id"] for one in client.get("/callbacks").json()["data"]]
    assert ids.count(first.headers["webhook-id"]) == 1


def test_callbacks_of_others_are_not_there(
    client: httpx.Client, receiver: Receiver, server: LiveServer
) -> None:
    told(client, receiver)
    headers = {"authorization": f"Bearer {server.new_key('stranger')}"}

    with patient.Client(base_url=f"{server.url}/v1", headers=headers) as stranger:
        answer = stranger.post(f"/callbacks/{newest(client)['id']}/resend")
        assert stranger.get("/callbacks").json()["data"] == []
    for found in (answer, client.post("/callbacks/evt_1/resend")):
        refused(found, 404, "not_found", "invalid_request_error")
    invalid(client.get("/callbacks", params={"cursor": "x"}))
    assert len(receiver.requests) == 1


@pytest.mark.proven_by_official_client
def test_while_secrets_rotate_either_verifies(client: httpx.Client, receiver: Receiver) -> None:
    old = client.get("/callback_secret").json()["secret"]
    told(client, receiver)

    answer = client.post("/callback_secret/rotate")
    schemas.RotatedSecret.model_validate(answer.json())
    new = answer.json()["secret"]
    client.post(f"/callbacks/{newest(client)['id']}/resend")
    made(client.post(PATH, json={**task_body(), "callback_url": receiver.url}))
    until(lambda: len(receiver.requests) == 3)

    assert answer.headers["cache-control"] == "no-store"
    assert client.get("/callback_secret").json()["secret"] == new != old
    for received in receiver.requests[1:]:
        assert verified(received, old) == verified(received, new)
    with pytest.raises(InvalidWebhookSignatureError):
        verified_by_sdk(receiver.requests[0], new)


def told(client: httpx.Client, receiver: Receiver) -> str:
    """Make a task and wait until its callback is noted as delivered."""
    task_id = made(client.post(PATH, json={**task_body(), "callback_url": receiver.url}))

    def delivered() -> bool:
        callback = newest(client)
        return (callback["task_id"], callback["status"]) == (task_id, "delivered")

    until(delivered)
    return task_id


def newest(client: httpx.Client) -> dict[str, Any]:
    found: list[dict[str, Any]] = client.get("/callbacks", params={"limit": 1}).json()["data"]
    return found[0] if found else {"task_id": "", "status": ""}


def verified_by_sdk(received: Received, secret: str) -> None:
    client = OpenAI(api_key="unused", webhook_secret=secret)
    client.webhooks.verify_signature(received.body.decode(), received.headers)


def test_credentials_and_headers_are_sent_and_shown_nowhere(
    client: httpx.Client,
    server: LiveServer,
    receiver: Receiver,
    capfd: pytest.CaptureFixture[str],
) -> None:
    callbacks = server.services.core.callbacks
    callbacks.set_header("tasker", "Authorization", "Bearer hush-header")
    callbacks.set_header("tasker", "X-Team", "hush-team")
    callbacks.set_header("tasker", "X-Team", "hush-red")
    with_credentials = receiver.url.replace("://", "://me:hush%40url@")

    task = made(client.post(PATH, json={**task_body(), "callback_url": with_credentials}))
    until(lambda: len(receiver.requests) == 1)
    plain = made(client.post(PATH, json={**task_body(), "callback_url": receiver.url}))
    until(lambda: len(receiver.requests) == 2)
    entries = {one["task_id"]: one for one in client.get("/callbacks").json()["data"]}
    resent = client.post(f"/callbacks/{entries[task]['id']}/resend")
    until(lambda: len(receiver.requests) == 3)

    basic = f"Basic {base64.b64encode(b'me:hush@url').decode()}"
    sent = [one.headers["authorization"] for one in receiver.requests]
    assert sent == [basic, "Bearer hush-header", basic]
    assert {one.headers["x-team"] for one in receiver.requests} == {"hush-red"}
    assert entries[task]["url"] == entries[plain]["url"] == receiver.url
    shown = [client.get(f"/tasks/{task}").text, resent.text, *capfd.readouterr()]
    shown += [one.body.decode() for one in receiver.requests]
    assert not any(hidden in text for text in shown for hidden in ("hush", basic[6:]))
    assert not _is_stored(server, "hush")
    callbacks.remove_header("tasker", "authorization")
    callbacks.remove_header("tasker", "X-Team")
    assert callbacks.headers_of("tasker") == []
    client.delete(f"/tasks/{task}")
    assert not _is_stored(server, task.replace("-", ""), callback_credentials)


def _is_stored(server: LiveServer, text: str, *tables: sa.Table) -> bool:
    """Return whether a text stands in a table, or in any."""
    with server.services.db.read() as conn:
        return any(
            text in str(row)
            for table in tables or metadata.sorted_tables
            for row in conn.execute(sa.text(f"SELECT * FROM {table.name}"))
        )
