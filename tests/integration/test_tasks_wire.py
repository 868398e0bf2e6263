"""The tasks dialect over real HTTP: every shape, every error, and the same jobs as elsewhere."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from PIL import Image

from hinode.api.tasks import schemas
from hinode.api.usage import UsagePage
from hinode.core.auth.types import Scope
from hinode.core.jobs.account_admin import AccountCreate
from hinode.kit.ids import to_video_id
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.live import wait_until_ended
from tests.support.pictures import png_bytes
from tests.support.receiver import Answer, receiving
from tests.support.tasks import (
    DATA_URL,
    PATH,
    invalid,
    made,
    refused,
    task_body,
    wait_until_over,
)


@pytest.fixture(scope="module")
def client(live: LiveServer) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {live.new_key('tasker')}"}
    with patient.Client(base_url=f"{live.url}/v1", headers=headers, timeout=20.0) as one:
        yield one


def poor_client(live: LiveServer, account: str) -> httpx.Client:
    """A client of an account without credits."""
    live.services.core.accounts.create(AccountCreate(account))
    return patient.Client(base_url=f"{live.url}/v1", headers=bearer(live.new_key(account)))


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.mark.from_captured_traffic
def test_a_task_goes_from_create_to_a_link_that_needs_no_key(client: httpx.Client) -> None:
    task_id = made(client.post(PATH, json=task_body(duration=8)))
    assert str(UUID(task_id)) == task_id

    task = wait_until_over(client, task_id)

    schemas.CompletedTask.model_validate(task)
    assert task["output"]["metadata"] == {"duration": 8, "prompt": "a fox"}
    (url,) = task["output"]["urls"]
    film = patient.get(url, headers={"range": "bytes=4-7"})
    assert (film.status_code, film.content) == (206, b"ftyp")


def test_a_task_is_a_video_of_the_openai_dialect_and_the_other_way_round(
    client: httpx.Client,
) -> None:
    task_id = made(client.post(PATH, json=task_body(aspect_ratio="9:16")))
    video = client.get(f"/videos/{to_video_id(UUID(task_id))}").json()
    assert (video["size"], video["seconds"], video["prompt"]) == ("720x1280", "4", "a fox")

    other = client.post("/videos", json={"prompt": "a bear", "seconds": "8"}).json()
    wait_until_ended(client, other["id"])
    task = client.get(f"/tasks/{UUID(other['id'].removeprefix('video_'))}").json()

    assert task["output"]["metadata"] == {"duration": 8, "prompt": "a bear"}
    listed = [one["id"] for one in client.get("/tasks").json()["data"]]
    assert listed[:2] == [task["id"], task_id]


@pytest.mark.from_captured_traffic
def test_a_failed_task_says_that_the_engine_failed_and_costs_nothing(
    client: httpx.Client,
) -> None:
    before = settled_credits(client)

    task = wait_until_over(client, made(client.post(PATH, json=task_body("x [fail]"))))

    schemas.FailedTask.model_validate(task)
    assert task["error"]["code"] == "upstream_error"
    assert client.get("/credits").json() == before


def settled_credits(client: httpx.Client) -> dict[str, Any]:
    """The account's credits once the jobs of earlier tests have ended."""
    deadline = time.monotonic() + 40
    while (credits := client.get("/credits").json())["held"]:
        assert time.monotonic() < deadline, "jobs of earlier tests never ended"
        time.sleep(0.05)
    found: dict[str, Any] = credits
    return found


def test_a_running_task_shows_its_progress_and_can_be_canceled_and_forgotten(
    client: httpx.Client,
) -> None:
    before = settled_credits(client)
    task_id = made(client.post(PATH, json=task_body("x [stall]")))
    while (task := client.get(f"/tasks/{task_id}").json())["progress"] is None:
        assert task["status"] in ("pending", "processing")
    schemas.UnfinishedTask.model_validate(task)
    assert (task["status"], task["progress"]) == ("processing", 40)
    assert client.get("/credits").json()["held"] == before["held"] + 100

    removed = client.delete(f"/tasks/{task_id}").json()

    assert removed == {
        "code": 200,
        "msg": "success",
        "data": {"taskId": task_id, "status": "canceled"},
    }
    assert client.get(f"/tasks/{task_id}").json()["error"]["code"] == "canceled"
    assert client.get("/credits").json() == before
    assert client.delete(f"/tasks/{task_id}").json()["data"]["status"] == "deleted"
    refused(client.get(f"/tasks/{task_id}"), 404, "task_not_found", "invalid_request_error")


def test_tasks_are_listed_by_status_and_model_page_by_page(live: LiveServer) -> None:
    headers = bearer(live.new_key("lister"))
    with patient.Client(base_url=f"{live.url}/v1", headers=headers, timeout=20.0) as client:
        done = made(client.post(PATH, json=task_body()))
        failed = made(client.post(PATH, json=task_body("x [fail]")))
        pro = made(client.post(PATH, json={**task_body(), "model": "sora-2-pro"}))
        for one in (done, failed, pro):
            wait_until_over(client, one)

        def listed(**query: str | int) -> list[str]:
            page = client.get("/tasks", params=query).json()
            schemas.TaskPageObject.model_validate(page)
            return [one["id"] for one in page["data"]]

        assert listed() == [pro, failed, done]
        assert listed(status="failed") == [failed]
        assert listed(status="pending") == []
        assert listed(model="sora-2") == [failed, done]
        first = client.get("/tasks", params={"limit": 2}).json()
        assert (first["has_more"], first["next_cursor"]) == (True, failed)
        rest = client.get("/tasks", params={"limit": 2, "cursor": failed}).json()
        assert [one["id"] for one in rest["data"]] == [done]
        assert (rest["has_more"], rest["next_cursor"]) == (False, None)
        invalid(client.get("/tasks", params={"status": "done"}))
        refused(client.get("/tasks?model=nope"), 404, "model_not_found", "invalid_request_error")


def test_usage_adds_up_to_what_was_spent(live: LiveServer) -> None:
    headers = bearer(live.new_key("user"))
    with patient.Client(base_url=f"{live.url}/v1", headers=headers, timeout=20.0) as client:
        for prompt in ("a fox", "a bear", "x [fail]"):
            wait_until_over(client, made(client.post(PATH, json=task_body(prompt))))

        usage, credits = client.get("/usage").json(), client.get("/credits").json()

        UsagePage.model_validate(usage)
        schemas.Credits.model_validate(credits)
        rows = usage["data"]  # two when midnight came between
        assert {(row["model"], row["key"]["name"]) for row in rows} == {("sora-2", "test")}
        sums = {
            name: sum(row[name] for row in rows)
            for name in ("tasks", "completed", "failed", "credits")
        }
        assert sums == {"tasks": 3, "completed": 2, "failed": 1, "credits": credits["spent"]}
        assert usage["credits"] == credits["spent"] > 0
        assert client.get("/usage?to=2020-01-01").json()["data"] == []
        invalid(client.get("/usage?from=2020-01-01&to=2019-01-01"))


def test_an_idempotency_key_makes_one_task(client: httpx.Client) -> None:
    headers = {"idempotency-key": "once"}
    first = made(client.post(PATH, json=task_body(), headers=headers))

    assert made(client.post(PATH, json=task_body(), headers=headers)) == first
    other = client.post(PATH, json=task_body("another"), headers=headers)
    refused(other, 409, "idempotency_conflict", "invalid_request_error")


# --- errors


@pytest.mark.from_captured_traffic
def test_the_documented_message_of_a_missing_field(client: httpx.Client) -> None:
    answer = client.post(PATH, json={})

    assert answer.status_code == 400
    assert answer.json() == {
        "error": {
            "code": "invalid_request",
            "message": "'model' is required.",
            "type": "invalid_request_error",
        }
    }


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"model": 1}', "application/json"),
        (b"hello", "text/plain"),
        (b"x" * 1_200_000, "application/json"),
    ],
)
def test_bodies_that_cannot_be_read_are_invalid(
    client: httpx.Client, body: bytes, content_type: str
) -> None:
    invalid(client.post(PATH, content=body, headers={"content-type": content_type}))


def test_a_length_or_shape_that_the_model_lacks_is_invalid(client: httpx.Client) -> None:
    assert "'5'" in invalid(client.post(PATH, json=task_body(duration=5)))
    portrait = {**task_body(duration=10), "model": "sora_video2-portrait"}
    assert "'16:9'" in invalid(client.post(PATH, json=portrait))
    invalid(client.post(PATH, json={**task_body(), "model": "sora_image"}))


def test_keys_are_asked_for_and_their_scopes(live: LiveServer, client: httpx.Client) -> None:
    videos_only = live.new_key("tasker", frozenset({Scope.VIDEOS}))
    for method, path in (
        ("POST", PATH),
        ("GET", "/tasks"),
        ("GET", "/tasks/x"),
        ("DELETE", "/tasks/x"),
        ("GET", "/credits"),
        ("GET", "/usage"),
        ("GET", "/callback_secret"),
    ):
        for key in ("nonsense", "sk-unknown"):
            answer = patient.request(method, f"{live.url}/v1{path}", headers=bearer(key))
            refused(answer, 401, "invalid_api_key", "authentication_error")
        answer = patient.request(method, f"{live.url}/v1{path}", headers=bearer(videos_only))
        refused(answer, 403, "insufficient_permissions", "permission_error")


@pytest.mark.from_captured_traffic
def test_models_and_tasks_that_do_not_exist(client: httpx.Client) -> None:
    answer = client.post(PATH, json={**task_body(), "model": "sora-9"})
    refused(answer, 404, "model_not_found", "invalid_request_error")
    for other in ("x", "cbf6b69d-4f03-4817-8ed7-94c0292184a8"):
        for method in ("GET", "DELETE"):
            answer = client.request(method, f"/tasks/{other}")
            refused(answer, 404, "task_not_found", "invalid_request_error")


@pytest.mark.from_captured_traffic
def test_without_credits_nothing_is_made(live: LiveServer) -> None:
    with poor_client(live, "poor") as client:
        answer = client.post(PATH, json=task_body())

        message = refused(answer, 402, "insufficient_credits", "billing_error")
        assert "100" in message
        assert client.get("/tasks").json()["data"] == []
        assert client.get("/credits").json() == {
            "balance": 0,
            "held": 0,
            "spent": 0,
            "unlimited": False,
        }


def test_unknown_routes_and_methods_answer_in_this_dialect(client: httpx.Client) -> None:
    for path in ("/tasks/a/b", "/credits/x", "/usage/x", f"{PATH}/x", "/callback_secret/x"):
        refused(client.get(path), 404, "not_found", "invalid_request_error")
    for method, path, allowed in (
        ("GET", PATH, "OPTIONS, POST"),
        ("DELETE", PATH, "OPTIONS, POST"),
        ("PATCH", "/tasks", "GET, HEAD, OPTIONS"),
        ("POST", "/tasks/x", "DELETE, GET, HEAD, OPTIONS"),
        ("POST", "/credits", "GET, HEAD, OPTIONS"),
    ):
        answer = client.request(method, path)
        refused(answer, 405, "method_not_allowed", "invalid_request_error")
        assert answer.headers["allow"] == allowed
    # The neighbours keep their own form.
    assert "param" in client.get("/videos/nothing").json()["error"]
    assert "param" in client.get("/taskss").json()["error"]


def test_the_second_base_has_the_same_tasks(live: LiveServer, client: httpx.Client) -> None:
    url = f"{live.url}/sora/v1/tasks/none"

    answer = patient.get(url, headers=dict(client.headers))

    refused(answer, 404, "task_not_found", "invalid_request_error")


def test_simulated_trouble_speaks_this_dialect(live: LiveServer) -> None:
    headers = {**bearer(live.new_key("tester", frozenset(Scope))), "hinode-simulate": "flaky=2"}

    first, second = (patient.get(f"{live.url}/v1/credits", headers=headers) for _ in range(2))

    refused(first, 500, "internal_error", "api_error")
    refused(second, 429, "rate_limit_exceeded", "rate_limit_error")


def test_a_link_to_what_has_expired_says_so(live: LiveServer) -> None:
    headers = {**bearer(live.new_key("tester", frozenset(Scope))), "hinode-simulate": "expire"}
    with patient.Client(base_url=f"{live.url}/v1", headers=headers, timeout=20.0) as client:
        # The sweep that comes twice a minute may take a task's links away at once.
        tasks = (
            wait_until_over(client, made(client.post(PATH, json=task_body()))) for _ in range(3)
        )
        answer = patient.get(next(one for task in tasks for one in task["output"]["urls"]))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "link_expired")


# --- the first frame


def test_a_picture_becomes_the_first_frame(client: httpx.Client, live: LiveServer) -> None:
    task_id = made(client.post(PATH, json=task_body(image_urls=[DATA_URL])))

    assert list((live.services.settings.data / "objects").rglob(f"{UUID(task_id).hex}/upload-0*"))
    assert wait_until_over(client, task_id)["status"] == "completed"


@pytest.mark.parametrize(
    "field",
    [
        {"image_urls": [DATA_URL.partition(",")[2]]},
        {"image": DATA_URL.partition(",")[2]},
        {"image_urls": [{"url": DATA_URL}]},
        {"image_url": {"url": DATA_URL}},
    ],
    ids=["base64", "one base64", "object", "nested"],
)
def test_a_first_frame_is_taken_as_other_servers_take_it(
    client: httpx.Client, live: LiveServer, field: dict[str, Any]
) -> None:
    task_id = made(client.post(PATH, json=task_body(**field, duration=4.0)))

    assert list((live.services.settings.data / "objects").rglob(f"{UUID(task_id).hex}/upload-0*"))


def test_a_picture_is_set_upright_by_its_exif(client: httpx.Client, live: LiveServer) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.new("RGB", (600, 320), "orange").save(buffer, "JPEG", exif=exif)
    url = f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"

    task_id = made(client.post(PATH, json=task_body(image_urls=[url])))

    folder = live.services.settings.data / "objects"
    (stored,) = folder.rglob(f"{UUID(task_id).hex}/upload-0.png")
    with Image.open(stored) as picture:
        assert picture.size == (320, 600)


@pytest.mark.from_captured_traffic
@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (png_bytes(299, 400), "short side"),
        (png_bytes(800, 300), "5:2"),
        (b"GIF89a....", "JPEG, PNG, WebP, HEIC or AVIF"),
        (png_bytes(400, 400)[:-40], "damaged"),
    ],
)
def test_a_picture_that_breaks_a_rule_holds_nothing(
    live: LiveServer, data: bytes, rule: str
) -> None:
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    # An account of its own: tasks of other tests may end meanwhile.
    key = live.new_key("careful")
    with patient.Client(base_url=f"{live.url}/v1", headers=bearer(key)) as client:
        message = invalid(client.post(PATH, json=task_body(image_urls=[url])))

        assert rule in message
        credits = client.get("/credits").json()
        assert (credits["held"], credits["spent"]) == (0, 0)
        assert client.get("/tasks").json()["data"] == []


def test_pictures_are_fetched_safely_only(client: httpx.Client) -> None:
    with receiving() as near:
        near.answer = lambda number, request: Answer(body=png_bytes(320, 320))
        message = invalid(client.post(PATH, json=task_body(image_urls=[near.url])))
        assert "public Internet" in message
        assert near.requests == []
    invalid(client.post(PATH, json=task_body(image_urls=["ftp://example.com/a.png"])))
    invalid(client.post(PATH, json=task_body(image_urls=["file:///etc/passwd"])))


# --- tenants and the document


def test_strangers_see_nothing(live: LiveServer, client: httpx.Client) -> None:
    task_id = made(client.post(PATH, json=task_body("a secret")))
    headers = bearer(live.new_key("nosy"))
    with patient.Client(base_url=f"{live.url}/v1", headers=headers) as stranger:
        for method in ("GET", "DELETE"):
            answer = stranger.request(method, f"/tasks/{task_id}")
            refused(answer, 404, "task_not_found", "invalid_request_error")
        assert stranger.get("/tasks").json()["data"] == []
        assert stranger.get("/usage").json()["data"] == []
        assert stranger.get("/callback_secret").json() != client.get("/callback_secret").json()
    assert client.get("/callback_secret").json() == client.get("/callback_secret").json()
