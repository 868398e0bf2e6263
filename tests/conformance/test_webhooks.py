"""The official SDK manages webhook endpoints of a real server and verifies what it sends."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import httpx
import openai
import pytest
from openai import OpenAI
from openai.types.webhooks import WebhookEndpointWithSecret

from tests.support.hinode_process import HinodeProcess, hinode
from tests.support.receiver import Answer, Receiver, receiving

# What this project is for: the SDK says so of its own videos API.
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API")

BOTH = ["video.completed", "video.failed"]
SMALL = "160x96"
MODELS = f'{{"sora-2": {{"sizes": ["720x1280", "{SMALL}"]}}}}'
"""A size that is soon rendered, beside one that can be canceled before its end."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HinodeProcess]:
    data = tmp_path_factory.mktemp("webhooks") / "data"
    process = HinodeProcess(data, {"HINODE_ALLOW_HOSTS": '["127.0.0.1"]', "HINODE_MODELS": MODELS})
    process.start()
    yield process
    process.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def client(server: HinodeProcess) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{server.address}/v1", api_key=server.key, max_retries=0) as opened:
        yield opened
        for endpoint in opened.webhooks.list():
            opened.webhooks.delete(endpoint.id)


def listen(client: OpenAI, url: str, name: str = "n8n") -> WebhookEndpointWithSecret:
    return client.webhooks.create(
        name=name, url=url, event_types=["video.completed", "video.failed"]
    )


def until(true: Callable[[], bool], seconds: float = 40.0) -> None:
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "waited too long"
        time.sleep(0.05)


@pytest.mark.proven_by_official_client
def test_an_endpoint_from_create_to_delete(client: OpenAI, receiver: Receiver) -> None:
    made = listen(client, receiver.url)
    assert made.object == "webhook_endpoint"
    assert made.signing_secret.startswith("whsec_")
    assert made.signing_secret_hint is not None
    assert made.signing_secret_hint not in made.signing_secret

    found = client.webhooks.retrieve(made.id)
    assert (found.id, found.name, found.url) == (made.id, "n8n", receiver.url)
    assert found.event_types == BOTH
    assert "signing_secret" not in found.to_dict()

    changed = client.webhooks.update(made.id, name="mail", event_types=["video.failed"])
    assert (changed.name, changed.event_types) == ("mail", ["video.failed"])
    assert changed.url == receiver.url
    unchanged = client.webhooks.update(made.id, name="mail")
    assert unchanged.updated_at == changed.updated_at

    gone = client.webhooks.delete(made.id)
    assert (gone.id, gone.deleted, gone.object) == (made.id, True, "webhook_endpoint.deleted")
    with pytest.raises(openai.NotFoundError):
        client.webhooks.retrieve(made.id)


@pytest.mark.proven_by_official_client
def test_lists_go_page_by_page_newest_first(client: OpenAI) -> None:
    made = [listen(client, f"https://example.com/{n}", f"n{n}").id for n in range(5)]

    page = client.webhooks.list(limit=2)

    assert [one.id for one in page.data] == made[:2:-1]
    assert page.has_more
    assert [one.id for one in page] == made[::-1]


@pytest.mark.proven_by_official_client
def test_rotation_shows_the_new_secret_once(client: OpenAI, receiver: Receiver) -> None:
    made = listen(client, receiver.url)

    rotated = client.webhooks.rotate_secret(made.id)
    again = client.webhooks.rotate_secret(made.id, keep_old_secret_active_for_24_hours=True)

    assert len({one.signing_secret for one in (made, rotated, again)}) == 3
    client.webhooks.test(made.id, event_type="video.completed")
    (request,) = receiver.requests
    assert len(request.headers["webhook-signature"].split()) == 2


@pytest.mark.proven_by_official_client
@pytest.mark.proves("POST /v1/webhook_endpoints/{webhook_endpoint_id}/test", 200)
def test_a_test_event_is_sent_now_and_its_answer_told(client: OpenAI, receiver: Receiver) -> None:
    receiver.answer = lambda *_: Answer(418)
    made = listen(client, receiver.url)

    result = client.webhooks.test(made.id, event_type="video.failed")

    assert result.object == "webhook_endpoint.test"
    assert (result.success, result.status_code) == (True, 418)
    assert (result.event_type, result.webhook_endpoint_id) == ("video.failed", made.id)
    (request,) = receiver.requests
    event = client.webhooks.unwrap(request.body, dict(request.headers), secret=made.signing_secret)
    assert str(event.type) == "video.failed"

    with pytest.raises(openai.BadRequestError) as refused:
        client.webhooks.test(made.id, event_type="response.failed")
    assert refused.value.param == "event_type"

    receiver.stop()
    with pytest.raises(openai.BadRequestError) as refused:
        client.webhooks.test(made.id, event_type="video.failed")
    assert refused.value.code == "webhook_unreachable"


@pytest.mark.proven_by_official_client
def test_the_event_types_are_those_of_videos_and_batches(client: OpenAI) -> None:
    ends = ("completed", "failed", "expired", "cancelled")
    batches = [f"batch.{one}" for one in ends]
    assert client.webhooks.event_types.list().data == [*BOTH, *batches]


@pytest.mark.proven_by_official_client
def test_a_finished_video_is_told_and_can_be_fetched_by_what_was_told(
    client: OpenAI, receiver: Receiver
) -> None:
    made = listen(client, receiver.url)

    video = client.videos.create(prompt="a fox", seconds="4", size=SMALL)  # type: ignore[arg-type]

    until(lambda: len(receiver.requests) == 1)
    (request,) = receiver.requests
    event = client.webhooks.unwrap(request.body, dict(request.headers), secret=made.signing_secret)
    assert str(event.type) == "video.completed"
    told = json.loads(request.body)["data"]["id"]
    assert told == video.id
    assert client.videos.retrieve(told).status == "completed"


@pytest.mark.our_choice
def test_a_canceled_video_is_told_as_failed(
    client: OpenAI, server: HinodeProcess, receiver: Receiver
) -> None:
    listen(client, receiver.url)
    video = client.videos.create(prompt="a fox", seconds="12")

    client.post(f"/videos/{video.id}/cancel", cast_to=httpx.Response)

    until(lambda: len(receiver.requests) == 1)
    body = json.loads(receiver.requests[0].body)
    assert (body["type"], body["data"]["id"]) == ("video.failed", video.id)


@pytest.mark.our_choice
@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "name"),
        ({"name": "n", "url": "https://a.de"}, "event_types"),
        ({"name": "n", "event_types": BOTH}, "url"),
        (
            {"name": "n", "url": "https://a.de", "event_types": ["response.completed"]},
            "event_types[0]",
        ),
        ({"name": "n", "url": "https://a.de", "event_types": [1]}, "event_types[0]"),
        ({"name": "n", "url": "https://a.de", "event_types": {"a": 1}}, "event_types"),
        ({"name": "n" * 201, "url": "https://a.de", "event_types": BOTH}, "name"),
        ({"name": "\x00", "url": "https://a.de", "event_types": BOTH}, "name"),
        ({"name": 1, "url": "https://a.de", "event_types": BOTH}, "name"),
        ({"name": "n", "url": "file:///etc/passwd", "event_types": BOTH}, "url"),
        ({"name": "n", "url": "http://169.254.169.254/", "event_types": BOTH}, "url"),
        ({"name": "n", "url": "http://me:pw@a.de/", "event_types": BOTH}, "url"),
        ({"name": "n", "url": "https://a.de/" + "x" * 2048, "event_types": BOTH}, "url"),
    ],
)
def test_what_is_wrong_with_an_endpoint_is_said(
    client: OpenAI, body: dict[str, object], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.post("/webhook_endpoints", body=body, cast_to=httpx.Response)

    assert refused.value.param == param
    assert client.webhooks.list().data == []


@pytest.mark.our_choice
def test_the_operator_reads_the_log_and_sends_again(
    client: OpenAI, server: HinodeProcess, receiver: Receiver
) -> None:
    listen(client, receiver.url)
    video = client.videos.create(prompt="a fox", seconds="12")
    client.post(f"/videos/{video.id}/cancel", cast_to=httpx.Response)
    until(lambda: len(receiver.requests) == 1)
    event_id = receiver.requests[0].headers["webhook-id"]
    data = ["--data", str(server.data)]

    listed = hinode("webhook", "list", *data)
    assert receiver.url in listed.stdout
    assert "whsec_" not in listed.stdout.replace("whsec_…", "")
    until(lambda: "delivered" in hinode("webhook", "deliveries", event_id, *data).stdout)
    resent = hinode("webhook", "resend", event_id, *data)

    assert resent.returncode == 0, resent.stderr
    until(lambda: len(receiver.requests) == 2)
    first, second = receiver.requests
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert hinode("webhook", "resend", "evt_" + "0" * 32, *data).returncode == 1
