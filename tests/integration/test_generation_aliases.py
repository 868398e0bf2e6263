"""Video routes of other servers: the same videos in the shapes that their clients read."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hinode.api.openai import generation_schemas as schemas
from hinode.core.auth.types import Scope
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.openai import DATA_URL, refused

AZURE = "/openai/v1/video/generations"
NEW_API = "/v1/video/generations"
VERSION = {"api-version": "preview"}
_SCOPES = (Scope.VIDEOS, Scope.TEST)
SIZE = {"width": 1280, "height": 720}


@pytest.fixture(scope="module")
def azure(live: LiveServer) -> Iterator[httpx.Client]:
    """A client that sends its key and version as Azure's programs do."""
    headers = {"api-key": live.new_key("azure")}
    with patient.Client(base_url=live.url, headers=headers, params=VERSION) as client:
        yield client


@pytest.fixture(scope="module")
def new_api(live: LiveServer) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {live.new_key('new-api')}"}
    with patient.Client(base_url=live.url, headers=headers) as client:
        yield client


def until_over(client: httpx.Client, path: str, ends: tuple[str, ...]) -> dict[str, Any]:
    """Poll as these programs do, until a status that they end on."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        if found["status"] in ends:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{path} did not end")


def test_azures_job_goes_from_create_to_content(azure: httpx.Client) -> None:
    body = {"prompt": "a fox", "model": "sora-2", **SIZE, "n_seconds": 4, "n_variants": 2}
    made = azure.post(f"{AZURE}/jobs", json=body)

    assert made.status_code == 201, made.text
    schemas.GenerationJob.model_validate(made.json(), strict=True)
    assert made.json()["status"] in ("queued", "running")
    assert made.json()["generations"] == []
    path = f"{AZURE}/jobs/{made.json()['id']}"
    job = until_over(azure, path, ("succeeded", "failed", "cancelled"))
    schemas.GenerationJob.model_validate(job, strict=True)
    assert (job["status"], job["failure_reason"]) == ("succeeded", None)
    assert (job["width"], job["height"], job["n_seconds"]) == (1280, 720, 4)
    assert len({one["id"] for one in job["generations"]}) == 2
    for one in job["generations"]:
        assert one["job_id"] == job["id"]
        content = azure.get(f"{AZURE}/{one['id']}/content/video")
        assert content.headers["content-type"] == "video/mp4"
        assert content.content[4:8] == b"ftyp"
        head = azure.head(f"{AZURE}/{one['id']}/content/video")
        assert head.headers["content-length"] == str(len(content.content))
        part = azure.get(f"{AZURE}/{one['id']}/content/video", headers={"range": "bytes=0-9"})
        assert (part.status_code, len(part.content)) == (206, 10)
    ours = azure.get(f"/v1/videos/{job['id']}").json()
    assert (ours["status"], ours["outputs"]) == ("completed", 2)


def test_azures_numbers_may_be_strings_and_forms(azure: httpx.Client) -> None:
    fields = {"prompt": "a fox", "width": "1280", "height": "720", "n_seconds": "4"}
    for sent in (
        {"json": fields},
        {"data": fields},
        {"files": {k: (None, v) for k, v in fields.items()}},
    ):
        job = azure.post(f"{AZURE}/jobs", **sent).json()
        assert (job["width"], job["n_seconds"], job["n_variants"]) == (1280, 4, 1)


def test_a_canceled_job_is_cancelled_there(azure: httpx.Client, live: LiveServer) -> None:
    headers = {"api-key": live.new_key("azure", frozenset({*_SCOPES})), "hinode-simulate": "stall"}
    job = azure.post(f"{AZURE}/jobs", json={"prompt": "a fox"}, headers=headers).json()
    azure.post(f"/v1/videos/{job['id']}/cancel")

    found = azure.get(f"{AZURE}/jobs/{job['id']}").json()

    assert (found["status"], found["failure_reason"]) == ("cancelled", "canceled")
    assert found["generations"] == []


def test_new_apis_task_goes_from_create_to_its_link(new_api: httpx.Client) -> None:
    body = {
        "model": "sora-2",
        "prompt": "a fox",
        "image": DATA_URL,
        "duration": 4,
        **SIZE,
        "seed": 7,
    }
    made = new_api.post(NEW_API, json=body)

    assert made.status_code == 200, made.text
    schemas.CreatedGeneration.model_validate(made.json(), strict=True)
    assert sorted(made.json()) == ["status", "task_id"]
    path = f"{NEW_API}/{made.json()['task_id']}"
    found = until_over(new_api, path, ("completed", "succeeded", "failed"))
    schemas.Generation.model_validate(found, strict=True)
    assert sorted(found) == ["format", "metadata", "status", "task_id", "url"]
    assert found["metadata"] == {"duration": 4, "fps": 30, **SIZE, "seed": 7}
    assert patient.get(found["url"]).content[4:8] == b"ftyp"


def test_a_failure_is_told_as_a_number_and_words(new_api: httpx.Client, live: LiveServer) -> None:
    key = live.new_key("new-api", frozenset({*_SCOPES}))
    headers = {"authorization": key, "hinode-simulate": "fail=bad_weather"}
    made = new_api.post(NEW_API, json={"prompt": "a fox"}, headers=headers).json()

    found = until_over(new_api, f"{NEW_API}/{made['task_id']}", ("completed", "failed"))

    schemas.Generation.model_validate(found, strict=True)
    assert (found["status"], found["error"]["code"]) == ("failed", 500)
    assert found["error"]["message"]


@pytest.mark.parametrize("path", [NEW_API, f"{AZURE}/jobs"])
def test_fields_that_nothing_reads_are_told(new_api: httpx.Client, path: str) -> None:
    made = new_api.post(path, json={"prompt": "a fox", "metadata": {"a": 1}, "mood": "blue"})

    assert sorted(made.json()["ignored"]) == ["metadata", "mood"]
    assert sorted(made.headers["x-hinode-ignored"].split(", ")) == ["metadata", "mood"]


@pytest.mark.parametrize("path", [NEW_API, f"{AZURE}/jobs"])
def test_wrong_requests_are_refused_as_ours_are(new_api: httpx.Client, path: str) -> None:
    def answer(**fields: object) -> httpx.Response:
        return new_api.post(path, json={"prompt": "a fox", **fields})

    refused(new_api.post(path, json={}), 400, "missing_required_parameter", "prompt")
    refused(answer(width=1280), 400, "missing_required_parameter", "height")
    refused(answer(height=1280), 400, "missing_required_parameter", "width")
    refused(answer(**SIZE, size="720x1280"), 400, "invalid_value", "width")
    refused(answer(width=7, height=7), 400, "unsupported_value", "size")
    refused(answer(width=0, height=7), 400, "invalid_value", "width")
    refused(answer(n_seconds=5, duration=4), 400, "invalid_value", "duration")
    refused(answer(model="no-such"), 404, "model_not_found", "model")
    assert answer(**SIZE, size="1280 * 720").status_code in (200, 201)


def test_a_repeated_create_makes_one_video(new_api: httpx.Client) -> None:
    headers = {"idempotency-key": "generation"}
    body = {"prompt": "a fox", **SIZE}
    first, again = (new_api.post(NEW_API, json=body, headers=headers).json() for _ in range(2))
    other = new_api.post(NEW_API, json={"prompt": "a fox"}, headers=headers)

    assert first["task_id"] == again["task_id"]
    refused(other, 409, "idempotency_conflict", "Idempotency-Key")


def test_what_is_not_there_is_not_found(new_api: httpx.Client) -> None:
    nobody = "video_" + "0" * 32
    for path in (
        f"{NEW_API}/{nobody}", f"{NEW_API}/x", f"{AZURE}/jobs/{nobody}", f"{AZURE}/jobs/x",
        f"{AZURE}/gen_{'0' * 26}/content/video", f"{AZURE}/x/content/video",
    ):  # fmt: skip
        refused(new_api.get(path), 404, "not_found", "id")


@pytest.mark.parametrize(
    ("method", "path", "near"),
    [
        ("POST", "/v2/videos/generations", "/v1/videos/generations"),
        ("GET", "/v2/videos/generations/x", "/v1/tasks/{task_id}"),
        ("POST", "/videos", "/v1/videos"),
        ("POST", "/chat/completions", "/v1/chat/completions"),
        ("POST", "/v1/responses", "/v1/chat/completions (`provider.chat(model)` in the AI SDK)"),
        ("POST", "/v1/video/create", "/v1/videos"),
        ("GET", "/models", "/v1/models"),
    ],
)
def test_near_misses_name_our_route(
    new_api: httpx.Client, method: str, path: str, near: str
) -> None:
    answer = new_api.request(method, path, json={"prompt": "a fox"})

    assert answer.status_code == 404
    error = json.loads(answer.content)["error"]
    assert error["code"] == "unknown_url"
    assert error["message"] == f"There is nothing at {path}. Did you mean {near}?"


def test_a_path_like_none_of_ours_gets_no_advice(new_api: httpx.Client) -> None:
    for path in ("/favicon.ico", "/v1/embeddings", "/files/a/b/c"):
        assert "Did you mean" not in new_api.get(path).text
