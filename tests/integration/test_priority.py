"""The field `priority` of every create, as clients of the three dialects send and see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import DEFAULT_SCOPES, KeyLimits, Priority
from hinode.core.jobs.account_admin import AccountCreate
from hinode.kit.ids import new_id
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.openai import DATA_URL, refused
from tests.support.tasks import task_body

FOX = {"prompt": "a fox"}
CHAT = {"model": "sora_video2", "messages": [{"role": "user", "content": "a fox"}]}
CREATES: list[tuple[str, dict[str, Any]]] = [
    ("/v1/videos", FOX),
    ("/v1/videos", {**FOX, "input_reference": {"image_url": DATA_URL}}),
    ("/v1/video/generations", FOX),
    ("/v1/images/generations", FOX),
    ("/v1/images/edits", {**FOX, "images": [{"image_url": DATA_URL}]}),
    ("/v1/chat/completions", CHAT),
]


@pytest.fixture
def account(idle: LiveServer) -> str:
    name = f"a{new_id().hex}"
    idle.services.core.accounts.create(AccountCreate(name, unlimited=True))
    return name


def connect(idle: LiveServer, account: str, most: Priority) -> httpx.Client:
    limits = KeyLimits(max_priority=most)
    key = idle.services.core.keys.create(KeyCreate(account, "k", DEFAULT_SCOPES, None, limits))
    headers = {"authorization": f"Bearer {key.secret}"}
    return patient.Client(base_url=idle.url, headers=headers)


@pytest.fixture
def usual(idle: LiveServer, account: str) -> Iterator[httpx.Client]:
    with connect(idle, account, Priority.NORMAL) as client:
        yield client


@pytest.mark.parametrize(("path", "body"), CREATES)
def test_more_than_the_key_may_is_refused_by_name(
    usual: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    answer = usual.post(path, json={**body, "priority": "high"})
    message = refused(answer, 403, "priority_not_allowed", "priority")
    assert "'low', 'normal'" in message


def test_it_is_refused_in_the_other_dialects_too(usual: httpx.Client) -> None:
    for path, body in (("/v1/videos/generations", task_body()), ("/backend/nf/create", FOX)):
        answer = usual.post(path, json={**body, "priority": "high"})
        assert answer.status_code == 403, answer.text
        assert answer.json()["error"]["code"] == "priority_not_allowed"
        answer = usual.post(path, json={**body, "priority": "urgent"})
        assert answer.status_code == 400, answer.text
        assert "priority" in answer.json()["error"]["message"]


def test_it_is_kept_and_shown_however_it_was_sent(idle: LiveServer, account: str) -> None:
    with connect(idle, account, Priority.HIGH) as client:
        made = client.post("/backend/nf/create", json={**FOX, "priority": "HIGH"}).json()
        assert made["priority"] == 3
        body = {**FOX, "priority": "high"}
        as_json, as_form = (
            client.post("/v1/videos", json=body),
            client.post("/v1/videos", data=body),
        )
        for video in (as_json.json(), as_form.json()):
            assert video["priority"] == "high"
            assert client.get(f"/v1/videos/{video['id']}").json()["priority"] == "high"
        plain = client.post("/v1/videos", json={**FOX, "service_tier": "priority"}).json()
        assert plain["priority"] == "normal"
        task = client.post("/v1/videos/generations", json={**task_body(), "priority": "low"}).json()
        assert client.get(f"/v1/tasks/{task['data']['taskId']}").json()["priority"] == "low"


def test_it_is_part_of_the_request_that_a_key_repeats(usual: httpx.Client) -> None:
    for path, body in (("/v1/videos", FOX), ("/v1/videos/generations", task_body())):
        headers = {"idempotency-key": new_id().hex}
        first = usual.post(path, json={**body, "priority": "low"}, headers=headers)
        again = usual.post(path, json={**body, "priority": "low"}, headers=headers)
        other = usual.post(path, json=body, headers=headers)
        assert first.status_code == again.status_code == 200
        assert json.dumps(first.json()) == json.dumps(again.json())
        assert other.status_code == 409, other.text
