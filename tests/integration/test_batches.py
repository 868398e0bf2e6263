"""Batches as clients of the API use them, worked off by a real worker on both databases."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from hinode.kit.ids import decode_id, from_video_id
from hinode.testing.server import LiveServer
from tests.integration.test_worker import until
from tests.support import patient
from tests.support.batches import (
    IMAGES,
    VIDEOS,
    jsonl,
    line,
    results,
    start,
    upload,
    wait_until_over,
)
from tests.support.live import open_live
from tests.support.openai import DATA_URL, refused
from tests.support.receiver import Receiver, receiving

NOT_A_PICTURE = {"image_url": "data:image/png;base64,AAAA"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def server(database_url: str, tmp_path: Path, receiver: Receiver) -> Iterator[LiveServer]:
    allow = (receiver.place,)
    with open_live(tmp_path, workers=True, database=database_url, allow_hosts=allow) as server:
        yield server


@pytest.fixture
def client(server: LiveServer) -> Iterator[httpx.Client]:
    with connect(server, "batcher") as client:
        yield client


def connect(server: LiveServer, account: str) -> httpx.Client:
    headers = {"authorization": f"Bearer {server.new_key(account)}"}
    return patient.Client(base_url=f"{server.url}/v1", headers=headers, timeout=20.0)


def test_videos_are_made_once_each_and_what_fails_says_why(
    server: LiveServer, client: httpx.Client, receiver: Receiver
) -> None:
    endpoint = {"name": "n", "url": receiver.url, "event_types": ["batch.completed"]}
    assert client.post("/webhook_endpoints", json=endpoint).status_code == 200
    content = jsonl(
        line("plain"),
        line("framed", input_reference={"image_url": DATA_URL}),
        line("odd", temperatur=1),
        line("urgent", priority="normal"),
        line("wrong", seconds="5000"),
        line("forbidden", priority="high"),
        line("unreadable", input_reference=NOT_A_PICTURE),
        line("fails", prompt="[fail]"),
    )

    made = start(client, content)
    batch = wait_until_over(client, made["id"])

    assert (batch["status"], batch["errors"]) == ("completed", None)
    assert batch["request_counts"] == {"total": 8, "completed": 4, "failed": 4}
    good = results(client, batch["output_file_id"])
    bad = results(client, batch["error_file_id"])
    assert (list(good), list(bad)) == (
        ["plain", "framed", "odd", "urgent"],
        ["wrong", "forbidden", "unreadable", "fails"],
    )
    videos = {name: one["response"]["body"] for name, one in good.items()}
    assert {one["response"]["status_code"] for one in good.values()} == {200}
    assert {one["error"] for one in (*good.values(), *bad.values())} == {None}
    assert [videos[name]["priority"] for name in videos] == ["low", "low", "low", "normal"]
    assert videos["odd"].pop("ignored") == ["temperatur"]
    for video in videos.values():
        assert client.get(f"/videos/{video['id']}").json() == video
        assert client.get(f"/videos/{video['id']}/content").status_code == 200
    answers = {name: one["response"] for name, one in bad.items()}
    found = {
        name: (one["status_code"], one["body"]["error"]["code"]) for name, one in answers.items()
    }
    assert found["wrong"] == (400, "unsupported_value")
    assert found["forbidden"] == (403, "priority_not_allowed")
    assert found["unreadable"] == (400, "invalid_image")
    assert found["fails"] == (500, "scripted")
    assert answers["fails"]["body"]["object"] == "video"
    assert len(client.get("/videos").json()["data"]) == 5
    until(lambda: bool(receiver.requests))
    assert b'"type":"batch.completed"' in receiver.requests[0].body
    assert batch["id"].encode() in receiver.requests[0].body
    file = client.get(f"/files/{batch['output_file_id']}").json()
    assert (file["purpose"], file["filename"]) == ("batch_output", f"{batch['id']}_output.jsonl")


def test_images_are_answered_as_their_route_answers(client: httpx.Client) -> None:
    content = jsonl(
        line("linked", IMAGES, n=2),
        line("inline", IMAGES, model="gpt-image-1"),
        line("streamed", IMAGES, stream=True),
    )

    batch = wait_until_over(client, start(client, content, IMAGES)["id"])

    good = results(client, batch["output_file_id"])
    linked = good["linked"]["response"]["body"]["data"]
    inline = good["inline"]["response"]["body"]["data"]
    assert len(linked) == 2
    assert all(patient.get(one["url"]).status_code == 200 for one in linked)
    assert base64.b64decode(inline[0]["b64_json"]).startswith(b"\x89PNG")
    bad = results(client, batch["error_file_id"])
    assert bad["streamed"]["response"]["body"]["error"]["param"] == "stream"


def test_a_cancelled_batch_keeps_what_was_done(server: LiveServer, client: httpx.Client) -> None:
    many = [line(f"stalls {number}", prompt="[stall]") for number in range(40)]
    made = start(client, jsonl(line("done"), *many))
    until(lambda: is_busy(client, made["id"]))

    answer = client.post(f"/batches/{made['id']}/cancel").json()

    assert answer["status"] == "cancelling"
    batch = wait_until_over(client, made["id"])
    assert batch["status"] == "cancelled"
    assert batch["request_counts"] == {"total": 41, "completed": 1, "failed": 40}
    assert list(results(client, batch["output_file_id"])) == ["done"]
    bad = results(client, batch["error_file_id"])
    assert {one["error"]["code"] for one in bad.values()} == {"batch_cancelled"}
    # No more than the batch's share was ever made, and all of it is refunded.
    videos = client.get("/videos", params={"limit": 100}).json()["data"]
    assert 2 <= len(videos) <= 33
    assert client.get("/credits").json()["held"] == 0
    again = client.post(f"/batches/{made['id']}/cancel").json()
    assert again["status"] == "cancelled"


def is_busy(client: httpx.Client, batch_id: str) -> bool:
    """Return whether one request of a batch is done and another one renders."""
    counts = client.get(f"/batches/{batch_id}").json()["request_counts"]
    videos = client.get("/videos", params={"limit": 100}).json()["data"]
    return counts["completed"] == 1 and "in_progress" in [one["status"] for one in videos]


def test_a_file_that_is_wrong_fails_the_batch_before_anything_is_made(
    client: httpx.Client,
) -> None:
    made = start(client, jsonl(line("a"), line("a"), {**line("b"), "url": IMAGES}) + b"{\n")

    batch = wait_until_over(client, made["id"])

    assert (batch["status"], batch["output_file_id"]) == ("failed", None)
    assert batch["errors"]["object"] == "list"
    found = [(one["code"], one["line"], one["param"]) for one in batch["errors"]["data"]]
    assert found == [
        ("duplicate_custom_id", 2, "custom_id"),
        ("invalid_url", 3, "url"),
        ("invalid_json_line", 4, None),
    ]
    assert client.get("/videos").json()["data"] == []
    refused(client.post(f"/batches/{made['id']}/cancel"), 400, "batch_not_cancelable", "batch_id")


def test_requests_for_batches_have_their_rules_and_their_owners(
    server: LiveServer, client: httpx.Client
) -> None:
    file_id = upload(client, jsonl(line("a")))
    good = {"input_file_id": file_id, "endpoint": VIDEOS, "completion_window": "24h"}
    picture = {"file": ("a.png", base64.b64decode(DATA_URL.partition(",")[2]))}
    other = client.post("/files", data={"purpose": "vision"}, files=picture).json()["id"]
    for name, value, status, code in (
        ("endpoint", "/v1/embeddings", 400, "unsupported_value"),
        ("completion_window", "1h", 400, "invalid_value"),
        ("input_file_id", "file-0", 404, "not_found"),
        ("input_file_id", other, 400, "invalid_value"),
        ("metadata", {str(number): "" for number in range(17)}, 400, "invalid_value"),
        ("metadata", {"k": "v" * 513}, 400, "invalid_value"),
    ):
        refused(client.post("/batches", json={**good, name: value}), status, code, name)
    made = client.post("/batches", json={**good, "metadata": {"k": "v" * 512}}).json()
    assert made["metadata"] == {"k": "v" * 512}
    newest = start(client, jsonl(line("a")))
    first = client.get("/batches", params={"limit": 1}).json()
    assert (first["first_id"], first["has_more"]) == (newest["id"], True)
    after = client.get("/batches", params={"after": newest["id"]}).json()
    assert [one["id"] for one in after["data"]] == [made["id"]]
    with connect(server, "stranger") as stranger:
        assert stranger.get("/batches").json()["data"] == []
        refused(stranger.get(f"/batches/{made['id']}"), 404, "not_found", "batch_id")
        refused(stranger.post(f"/batches/{made['id']}/cancel"), 404, "not_found", "batch_id")
        refused(stranger.post("/batches", json=good), 404, "not_found", "input_file_id")
    batch = wait_until_over(client, made["id"])
    output = batch["output_file_id"]
    with connect(server, "stranger") as stranger:
        refused(stranger.get(f"/files/{output}/content"), 404, "not_found", "file_id")
    assert decode_id("file-", output) is not None


def test_results_are_kept_for_a_day_after_the_window(server: LiveServer) -> None:
    with connect(server, "keeper") as client:
        batch = wait_until_over(client, start(client, jsonl(line("a")))["id"])
        (one,) = results(client, batch["output_file_id"]).values()
        video = one["response"]["body"]
        least = datetime.fromtimestamp(batch["expires_at"], UTC) + timedelta(hours=24)
        assert video["expires_at"] >= int(least.timestamp())
        assert from_video_id(video["id"]) is not None
