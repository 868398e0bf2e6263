"""What chat apps ask for by themselves is answered by words and never rendered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from hinode.api.openai.chat.app_tasks import TEMPLATES, AppTemplate
from hinode.api.openai.chat.schemas import Completion
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import KeyLimits
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.chat import PATH, asking, chat, events_of, part, words
from tests.support.live import open_live
from tests.support.openai import DATA_URL
from tests.support.receiver import Answer, Receiver, receiving
from tests.support.responses import good


@pytest.fixture(scope="module")
def client(live: LiveServer) -> Iterator[httpx.Client]:
    """A client of the server that renders, with a bare key."""
    headers = {"authorization": live.new_key("chatter")}
    with patient.Client(base_url=f"{live.url}/v1", headers=headers, timeout=30.0) as opened:
        yield opened


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: f"{one.app}-{one.prefix[9:30]}")
def test_what_an_app_asks_for_by_itself_renders_nothing(
    client: httpx.Client, live: LiveServer, template: AppTemplate
) -> None:
    text = f"{template.prefix} …\n<chat_history>USER: a fox</chat_history>"
    body = {"model": "sora-2", "messages": [{"role": "user", "content": "a fox"}]}
    body["messages"] = [
        {"role": "system", "content": text if template.role == "system" else "Be brief."},
        {"role": "user", "content": text if template.role == "user" else "user: a fox"},
    ]
    before = len(client.get("/videos", params={"limit": 100}).json()["data"])
    answer = good(client.post(PATH, json=body))

    Completion.model_validate(answer)
    assert answer["hinode"] is None
    assert template.app in answer["choices"][0]["message"]["content"]
    assert "answer_app_tasks" in answer["choices"][0]["message"]["content"]
    with client.stream("POST", PATH, json={**body, "stream": True}) as stream:
        events = events_of(stream.iter_lines())
    assert any("Nothing was rendered" in str(event) for event in events)
    assert len(client.get("/videos", params={"limit": 100}).json()["data"]) == before


TITLE = next(one.prefix for one in TEMPLATES if one.app == "NextChat" and one.role == "user")


@contextmanager
def with_text_model(
    folder: Path, receiver: Receiver, *, hosted: bool = False, local_only: bool = False
) -> Iterator[httpx.Client]:
    """A client of a server whose text model is the receiver."""
    model = {"url": f"http://{receiver.place}/v1", "model": "writer", "key": "sk-operator"}
    with open_live(folder, workers=False, text_model={**model, "hosted": hosted}) as server:
        server.new_key("chatter")
        limits = KeyLimits(local_only=local_only)
        key = server.services.core.keys.create(KeyCreate("chatter", "test", limits=limits))
        headers = {"authorization": key.secret}
        with patient.Client(base_url=f"{server.url}/v1", headers=headers) as opened:
            yield opened
            assert opened.get("/videos").json()["data"] == []


def test_a_text_model_answers_what_an_app_asks_for(tmp_path: Path) -> None:
    said = json.dumps({"choices": [{"message": {"content": "Foxes in snow"}}]}).encode()
    messages = [
        {"role": "user", "content": [words("a fox")]},
        {"role": "assistant", "content": "<video></video>"},
        {"role": "user", "content": TITLE},
    ]
    with receiving() as receiver, with_text_model(tmp_path, receiver) as client:
        receiver.answer = lambda number, request: Answer(body=said)
        answer = good(client.post(PATH, json={"model": "sora-2", "messages": messages}))
        receiver.answer = lambda number, request: Answer(status=500)
        without = good(client.post(PATH, json={"model": "sora-2", "messages": messages}))

    assert answer["choices"][0]["message"]["content"] == "Foxes in snow"
    body = json.loads(receiver.requests[0].body)
    assert body["model"] == "writer"
    assert [one["content"] for one in body["messages"]] == ["a fox", "<video></video>", TITLE]
    assert receiver.requests[0].headers["authorization"] == "Bearer sk-operator"
    assert "Nothing was rendered" in without["choices"][0]["message"]["content"]


def test_a_conversation_of_a_local_only_key_does_not_leave_for_a_hosted_model(
    tmp_path: Path,
) -> None:
    body = {"model": "sora-2", "messages": [{"role": "user", "content": TITLE}]}
    with (
        receiving() as receiver,
        with_text_model(tmp_path, receiver, hosted=True, local_only=True) as client,
    ):
        answer = good(client.post(PATH, json=body))

    assert "Nothing was rendered" in answer["choices"][0]["message"]["content"]
    assert receiver.requests == []


def test_a_text_model_is_sent_the_end_of_a_long_conversation(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": str(number) * 40_000} for number in range(4)]
    messages.append({"role": "user", "content": TITLE})
    with receiving() as receiver, with_text_model(tmp_path, receiver) as client:
        good(client.post(PATH, json={"model": "sora-2", "messages": messages}))

    sent = json.loads(receiver.requests[0].body)["messages"]
    assert [one["content"][:1] for one in sent] == ["2", "3", TITLE[0]]


def test_a_template_may_be_the_last_of_several_system_messages(client: httpx.Client) -> None:
    template = next(one for one in TEMPLATES if one.app == "NextChat" and one.role == "system")
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "a fox"},
        {"role": "system", "content": template.prefix},
    ]
    answer = good(client.post(PATH, json={"model": "sora-2", "messages": messages}))
    assert answer["hinode"] is None


def test_a_person_who_begins_alike_or_sends_an_image_is_rendered(client: httpx.Client) -> None:
    alike = good(chat(client, "### Task: Generate a fox", "sora_image"))
    assert alike["hinode"]["id"]
    parts = [words(TEMPLATES[0].prefix), part("image_url", {"url": DATA_URL})]
    assert good(chat(client, parts, "sora_image"))["hinode"]["id"]


def test_an_operator_may_have_them_rendered(tmp_path: Path) -> None:
    with open_live(tmp_path, workers=False, answer_app_tasks=False) as server:
        headers = {"authorization": server.new_key("chatter")}
        body = asking(TEMPLATES[0].prefix, "sora_image", stream=True)
        with (
            patient.Client(base_url=f"{server.url}/v1", headers=headers) as opened,
            opened.stream("POST", PATH, json=body) as answer,
        ):
            next(answer.iter_lines())
        with server.services.db.read() as conn:
            assert conn.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one() == 1
