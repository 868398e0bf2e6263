"""Moderation by the documented example: every dialect's refusal, and what operators see."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from hinode import load_settings
from hinode.app import SERVICE_THREADS
from hinode.cli.doctor_checks import run_checks
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Scope
from hinode.testing.server import LiveServer
from tests.support import sora_creation as sora
from tests.support import tasks
from tests.support.accounts import account_with, client_with, operator_client
from tests.support.live import open_live, wait_until_ended
from tests.support.moderators import RunningModerator, running_moderator
from tests.support.pictures import png_bytes

GORE = "a fox in gore"


@pytest.fixture(scope="module")
def moderator() -> Iterator[RunningModerator]:
    with running_moderator() as running:
        yield running


@pytest.fixture(scope="module")
def server(
    moderator: RunningModerator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    data = tmp_path_factory.mktemp("moderated")
    with open_live(data, workers=True, moderation=moderator.settings()) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_seen(moderator: RunningModerator) -> None:
    moderator.seen.clear()
    moderator.answers.clear()


@pytest.fixture
def account(server: LiveServer) -> str:
    return account_with(server.services, credits=1000)


@pytest.fixture
def client(server: LiveServer, account: str) -> Iterator[httpx.Client]:
    with client_with(server, key_of(server, account)) as opened:
        yield opened


@pytest.fixture
def admin(server: LiveServer) -> Iterator[httpx.Client]:
    with operator_client(server) as opened:
        yield opened


def key_of(server: LiveServer, account: str) -> str:
    new = KeyCreate(account, "k", frozenset(Scope) - {Scope.ADMIN})
    return server.services.core.keys.create(new).secret


def credits_of(admin: httpx.Client, account: str) -> dict[str, Any]:
    found: dict[str, Any] = admin.get(f"/admin/accounts/{account}").json()
    return found


def reviews(admin: httpx.Client, video_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = admin.get(f"/admin/jobs/{video_id}").json()["moderation"]
    return found


def size_of(picture: dict[str, Any]) -> tuple[int, int]:
    with Image.open(io.BytesIO(base64.b64decode(picture["data"]))) as opened:
        assert opened.format == "JPEG"
        return opened.size


def test_a_request_passes_and_its_output_is_reviewed(
    client: httpx.Client, admin: httpx.Client, moderator: RunningModerator
) -> None:
    picture = {"input_reference": png_bytes(1280, 720)}
    made = client.post("/videos", data={"prompt": "a fox"}, files=picture)
    assert wait_until_ended(client, made.json()["id"])["status"] == "completed"

    first, last = moderator.seen
    assert (first["stage"], first["prompt"], first["shots"]) == ("create", "a fox", [])
    assert (first["model"], first["kind"], first["action"]) == ("sora-2", "video", "create")
    assert [(one["role"], size_of(one)) for one in first["pictures"]] == [("upload", (768, 432))]
    assert last["stage"] == "render"
    assert {one["role"] for one in last["pictures"]} == {"thumbnail", "frame"}
    assert first["job_id"] == last["job_id"]
    assert reviews(admin, made.json()["id"]) == []


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v1/videos", {"prompt": GORE}, "moderation_blocked"),
        ("/v1/images/generations", {"prompt": GORE}, "moderation_blocked"),
        (
            "/v1/chat/completions",
            {"model": "sora-2", "messages": [{"role": "user", "content": GORE}]},
            "moderation_blocked",
        ),
        ("/v1/videos/generations", tasks.task_body(GORE), "moderation_blocked"),
        ("/backend/nf/create", {**sora.CREATE, "prompt": GORE}, "content_policy_violation"),
        ("/backend/video_gen", {**sora.PICTURE, "prompt": GORE}, "content_policy_violation"),
    ],
)
def test_a_block_is_the_dialects_refusal_and_costs_nothing(
    server: LiveServer,
    admin: httpx.Client,
    account: str,
    moderator: RunningModerator,
    path: str,
    body: dict[str, Any],
    code: str,
) -> None:
    before = credits_of(admin, account)
    with client_with(server, key_of(server, account), "") as client:
        answer = client.post(path, json=body)

    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["code"] == code
    assert "content policy" in answer.json()["error"]["message"]
    assert GORE not in answer.text
    assert credits_of(admin, account) == before
    (seen,) = moderator.seen
    assert (seen["stage"], seen["prompt"]) == ("create", GORE)


def test_an_output_that_is_blocked_fails_and_is_refunded(
    client: httpx.Client, admin: httpx.Client, account: str
) -> None:
    before = credits_of(admin, account)
    made = client.post("/videos", json={"prompt": "an explosion"})
    video = wait_until_ended(client, made.json()["id"])

    assert (video["status"], video["error"]["code"]) == ("failed", "moderation_blocked")
    assert video["error"]["message"] == "The output was refused by the content policy."
    assert credits_of(admin, account) == before
    (review,) = reviews(admin, video["id"])
    assert (review["stage"], review["verdict"]) == ("render", "block")
    assert client.get(f"/videos/{video['id']}/content").status_code == 400
    picture = client.post("/images/generations", json={"prompt": "an explosion"})
    assert (picture.status_code, picture.json()["error"]["code"]) == (400, "moderation_blocked")


def test_flags_and_labels_pass_and_operators_see_them(
    client: httpx.Client, admin: httpx.Client
) -> None:
    made = client.post("/videos", json={"prompt": "a knife in smoke"})
    assert wait_until_ended(client, made.json()["id"])["status"] == "completed"

    flag, label = reviews(admin, made.json()["id"])
    assert flag == {
        "stage": "create",
        "verdict": "flag",
        "reason": "found 'knife'",
        "labels": ["violence"],
    }
    assert (label["stage"], label["verdict"]) == ("render", "label")


def test_a_repeat_of_a_request_is_not_reviewed_again(
    client: httpx.Client, moderator: RunningModerator
) -> None:
    headers = {"idempotency-key": "once"}
    first, again = (
        client.post("/videos", json={"prompt": "a fox"}, headers=headers) for _ in range(2)
    )

    assert first.json()["id"] == again.json()["id"]
    wait_until_ended(client, first.json()["id"])
    assert [one["stage"] for one in moderator.seen].count("create") == 1


def test_creates_that_wait_for_a_verdict_hold_up_nothing_else(
    client: httpx.Client, moderator: RunningModerator
) -> None:
    creates = SERVICE_THREADS + 2
    moderator.open.clear()
    with ThreadPoolExecutor(creates) as pool:
        made = [
            pool.submit(client.post, "/videos", json={"prompt": "a fox"}) for _ in range(creates)
        ]
        while len(moderator.seen) < creates:
            assert client.get("/videos").status_code == 200
        moderator.open.set()
        ids = [one.result().json()["id"] for one in made]

    for video_id in ids:
        assert wait_until_ended(client, video_id)["status"] == "completed"


@pytest.mark.parametrize("answer", [{"verdict": "maybe"}, [], {"verdict": "unreviewed"}])
def test_without_a_verdict_requests_are_refused_for_now(
    client: httpx.Client, moderator: RunningModerator, answer: Any
) -> None:
    moderator.answers.append(answer)

    refused = client.post("/videos", json={"prompt": "a fox"})

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    assert refused.json()["error"]["code"] == "moderation_unavailable"


def test_a_moderator_that_is_gone_lets_pass_where_the_operator_says_so(tmp_path: Path) -> None:
    with running_moderator() as gone:
        given = gone.settings(on_failure="allow", stages=("create",))
    with (
        open_live(tmp_path, workers=False, moderation=given) as server,
        client_with(server, server.new_key("maker")) as client,
        operator_client(server) as admin,
    ):
        made = client.post("/videos", json={"prompt": "a fox"})
        (review,) = reviews(admin, made.json()["id"])

    assert (review["stage"], review["verdict"]) == ("create", "unreviewed")


def test_doctor_asks_the_moderator(moderator: RunningModerator, tmp_path: Path) -> None:
    def checked(**given: Any) -> tuple[str, str]:
        settings = load_settings(data=tmp_path, moderation=moderator.settings(**given))
        (found,) = [one for one in run_checks(settings) if one.name == "moderation"]
        return found.status.name, found.detail

    assert checked() == ("OK", f"{moderator.url} answers; create and render are reviewed")
    assert moderator.seen[-1]["stage"] == "test"
    status, detail = checked(secret="wrong")
    assert (status, detail) == ("ERROR", f"{moderator.url} gives no verdict: status 401")
    moderator.open.clear()
    status, detail = checked(timeout_seconds=0.3)
    moderator.open.set()
    assert (status, detail) == (
        "ERROR",
        f"{moderator.url} gives no verdict: no verdict within 0.3 s",
    )
    (none,) = [one for one in run_checks(load_settings(data=tmp_path)) if one.name == "moderation"]
    assert (none.status.name, none.detail) == ("OK", "none")
