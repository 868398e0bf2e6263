"""Every dialect's answer about one job names the job's route, in headers; bodies stay as they are.

Two upstreams stand for the routes: a name that headers must encode, and a folder of the host.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from hinode.core.accounts.types import Plan
from hinode.kit.ids import to_video_id
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.live import open_live
from tests.support.sora_creation import ANY_NUMBER, CREATE, PICTURE, STORYBOARD, job_id_of
from tests.support.tasks import task_body

NAMED = "Wan/größe, 5b"
HEADERS = ("x-hinode-engine", "x-hinode-upstream")
VIDEO = {"prompt": "a fox", "model": "sora-2"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    models = {
        "sora-2": {"upstream": NAMED},
        "sy_8": {"upstream": NAMED},
        "sora-2-pro": {"upstream": "/srv/secret-models/wan-5b"},
    }
    with open_live(
        tmp_path_factory.mktemp("routes"),
        workers=True,
        models=models,
        plans={plan.value: ANY_NUMBER for plan in Plan},
    ) as running:
        yield running


@pytest.fixture(scope="module")
def api(server: LiveServer) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {server.new_key('told')}"}
    with patient.Client(base_url=server.url, headers=headers, timeout=60.0) as client:
        yield client


def route(answer: httpx.Response) -> tuple[str | None, ...]:
    """The route that an answer's headers name."""
    assert answer.status_code in (200, 201), answer.text
    told = [answer.headers.get(name) for name in HEADERS]
    return tuple(None if one is None else unquote(one) for one in told)


def video_of(api: httpx.Client, video_id: str) -> dict[str, Any]:
    video: dict[str, Any] = api.get(f"/v1/videos/{video_id}").json()
    return video


def ended(api: httpx.Client, path: str) -> httpx.Response:
    """The draft of a generation, once it is there."""
    deadline = time.monotonic() + 60
    while (answer := api.get(path)).status_code == 404 and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer


CREATES = [
    ("/v1/videos", VIDEO),
    ("/v1/video/generations", VIDEO),
    ("/v1/video/generations/jobs", VIDEO),
    ("/v1/videos/generations", task_body()),
    ("/backend/nf/create", CREATE),
    ("/backend/nf/bulk_create", CREATE),
    ("/backend/nf/create/storyboard", STORYBOARD),
]


@pytest.mark.parametrize(("path", "body"), CREATES, ids=[path for path, _ in CREATES])
def test_a_create_names_the_route_that_the_video_object_has(
    api: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    assert route(api.post(path, json=body)) == ("scripted", NAMED)


def test_what_retrieves_a_job_names_its_route(api: httpx.Client) -> None:
    video = api.post("/v1/videos", json=VIDEO).json()
    task_id = api.post("/v1/videos/generations", json=task_body()).json()["data"]["taskId"]
    expected = (video["engine"], video["upstream"])
    assert expected == ("scripted", NAMED)

    for path in (
        f"/v1/videos/{video['id']}",
        f"/v1/video/generations/{video['id']}",
        f"/v1/video/generations/jobs/{video['id']}",
        f"/v1/tasks/{task_id}",
    ):
        assert route(api.get(path)) == expected, path


def test_a_draft_names_the_route_that_rendered_it(api: httpx.Client) -> None:
    made = api.post("/backend/nf/bulk_create", json=CREATE).json()
    draft = f"/backend/project_y/profile/drafts/v2/{made['generation_ids'][0]}"

    assert route(ended(api, draft)) == ("scripted", NAMED)
    assert video_of(api, to_video_id(job_id_of(made["id"])))["status"] == "completed"


def test_images_and_chats_name_it_with_their_result(api: httpx.Client) -> None:
    chat = {"model": "sora-2", "messages": [{"role": "user", "content": "a fox"}]}

    assert route(api.post("/v1/chat/completions", json=chat)) == ("scripted", NAMED)
    # The models of images name no upstream: the engine's default has no name.
    assert route(api.post("/v1/images/generations", json={"prompt": "a fox"})) == ("scripted", None)
    assert route(api.post("/backend/video_gen", json=PICTURE)) == ("scripted", None)


def test_a_folder_of_the_host_is_told_by_its_own_name(api: httpx.Client) -> None:
    made = api.post("/v1/videos/generations", json=task_body() | {"model": "sora-2-pro"})

    assert route(made) == ("scripted", "wan-5b")


def test_lists_and_errors_name_none(api: httpx.Client) -> None:
    api.post("/v1/videos", json=VIDEO)
    for path in ("/v1/videos", "/v1/tasks", "/backend/nf/pending/v2"):
        assert route(api.get(path)) == (None, None), path

    refused = api.post("/v1/videos", json=VIDEO | {"size": "1x1"})
    assert refused.status_code == 400
    assert not set(HEADERS) & set(refused.headers)


def test_a_script_of_another_origin_may_read_it(api: httpx.Client) -> None:
    answer = api.get("/v1/models")

    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert set(HEADERS) <= set(exposed)


def test_own_jobs_and_the_own_ledger_name_it(server: LiveServer) -> None:
    headers = {"authorization": f"Bearer {server.new_key('booked')}"}
    with patient.Client(base_url=server.url, headers=headers, timeout=60.0) as api:
        made = api.post("/v1/videos", json=VIDEO | {"model": "sora-2-pro"}).json()
        deadline = time.monotonic() + 60
        while video_of(api, made["id"])["status"] != "completed" and time.monotonic() < deadline:
            time.sleep(0.02)
        (job,) = api.get("/v1/jobs").json()["data"]
        entries = api.get("/v1/me/ledger").json()["data"]

    assert (job["engine"], job["upstream"]) == ("scripted", "wan-5b")
    settled = [(one["engine"], one["upstream"]) for one in entries if one["kind"] == "settle"]
    assert settled == [("scripted", "wan-5b")]
