"""Batches by the unmodified official Python SDK, against a real server over real HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from openai import BadRequestError, OpenAI
from openai.types import Batch

from hinode.testing.server import LiveServer
from tests.support.batches import IMAGES, VIDEOS, jsonl, line

pytestmark = [
    pytest.mark.proven_by_official_client,
    pytest.mark.filterwarnings("ignore:The Sora API"),
]


@pytest.fixture
def client(live: LiveServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{live.url}/v1", api_key=live.new_key("sdk-batches")) as opened:
        yield opened


def start(client: OpenAI, endpoint: Any, *lines: object) -> Batch:
    file = client.files.create(file=("requests.jsonl", jsonl(*lines)), purpose="batch")
    return client.batches.create(
        input_file_id=file.id,
        endpoint=endpoint,
        completion_window="24h",
        metadata={"night": "1"},
        output_expires_after={"anchor": "created_at", "seconds": 3_600},
    )


def until_over(client: OpenAI, batch: Batch) -> Batch:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        batch = client.batches.retrieve(batch.id)
        if batch.status in ("completed", "failed", "expired", "cancelled"):
            return batch
        time.sleep(0.05)
    raise AssertionError(f"{batch.id} did not end")


def read(client: OpenAI, file_id: str | None) -> list[dict[str, Any]]:
    assert file_id is not None
    return [json.loads(one) for one in client.files.content(file_id).text.splitlines()]


def test_a_file_of_videos_from_upload_to_download(client: OpenAI) -> None:
    made = start(client, VIDEOS, line("a"), line("b", seconds="4"), line("bad", seconds="1000"))
    assert (made.object, made.status, made.endpoint) == ("batch", "validating", VIDEOS)
    assert (made.completion_window, made.metadata) == ("24h", {"night": "1"})

    batch = until_over(client, made)

    assert (batch.status, batch.errors) == ("completed", None)
    counts = batch.request_counts
    assert counts is not None
    assert (counts.total, counts.completed, counts.failed) == (3, 2, 1)
    assert made.created_at <= (batch.in_progress_at or 0) <= (batch.finalizing_at or 0)
    assert (batch.finalizing_at or 0) <= (batch.completed_at or 0) <= (batch.expires_at or 0)
    output = read(client, batch.output_file_id)
    assert [one["custom_id"] for one in output] == ["a", "b"]
    for one in output:
        assert list(one) == ["id", "custom_id", "response", "error"]
        assert list(one["response"]) == ["status_code", "request_id", "body"]
        video = client.videos.retrieve(one["response"]["body"]["id"])
        assert video.status == "completed"
        assert client.videos.download_content(video.id).read()[4:8] == b"ftyp"
    (error,) = read(client, batch.error_file_id)
    assert (error["custom_id"], error["response"]["status_code"]) == ("bad", 400)
    assert error["response"]["body"]["error"]["param"] == "seconds"
    file = client.files.retrieve(batch.output_file_id or "")
    assert (file.purpose, (file.expires_at or 0) - file.created_at) == ("batch_output", 3_600)


def test_a_file_of_images(client: OpenAI) -> None:
    batch = until_over(client, start(client, IMAGES, line("a", IMAGES, response_format="b64_json")))

    (one,) = read(client, batch.output_file_id)
    assert one["response"]["body"]["data"][0]["b64_json"]


def test_lists_cancels_and_errors_of_a_file(client: OpenAI) -> None:
    made = [start(client, VIDEOS, line("a", prompt="[stall]")) for _ in range(3)]
    wrong = until_over(client, start(client, VIDEOS, line("a"), line("a")))

    assert wrong.status == "failed"
    assert wrong.errors is not None
    assert [(one.code, one.line) for one in wrong.errors.data or []] == [("duplicate_custom_id", 2)]
    listed = [one.id for one in client.batches.list(limit=2)]
    assert listed[:4] == [wrong.id, *(one.id for one in reversed(made))]
    for one in made:
        assert client.batches.cancel(one.id).status == "cancelling"
        ended = until_over(client, one)
        assert ended.status == "cancelled"
        assert ended.cancelled_at is not None
        assert read(client, ended.error_file_id)[0]["error"]["code"] == "batch_cancelled"
    with pytest.raises(BadRequestError, match="cannot be cancelled"):
        client.batches.cancel(wrong.id)
