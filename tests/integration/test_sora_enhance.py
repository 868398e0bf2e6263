"""Expanding prompts: by a real text model server, and by our rule whenever it fails."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode.api.sora.create import schemas
from hinode.core.auth.types import Scope
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.receiver import Answer, Received, Receiver, receiving
from tests.support.sora_creation import member, open_sora, refused

PATH = "/editor/enhance_prompt"
BODY = {"prompt": "a cat in the rain", "expansion_level": "medium", "duration_s": 10}
SECONDS, SLOW_SECONDS = 0.5, 40.0


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A member of a Hinode without a text model."""
    folder = tmp_path_factory.mktemp("plain")
    with open_sora(folder, workers=False) as server, member(server) as client:
        yield client


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[LiveServer]:
    prompts = {
        "url": f"http://{receiver.place}/v1/",
        "model": "writer",
        "key": "sk-operator",
        "timeout_seconds": SECONDS,
    }
    folder = tmp_path_factory.mktemp("model")
    with open_sora(folder, workers=False, text_model=prompts) as one:
        yield one


@pytest.fixture(scope="module")
def client(server: LiveServer) -> Iterator[httpx.Client]:
    with member(server) as one:
        yield one


def completion(content: object) -> Answer:
    body = {"choices": [{"message": {"role": "assistant", "content": content}}]}
    return Answer(headers={"content-type": "application/json"}, body=json.dumps(body).encode())


@pytest.mark.parametrize("level", ["short", "medium", "long"])
@pytest.mark.parametrize("seconds", [5, 10, 15, 20, 25])
def test_without_a_model_our_rule_answers_and_says_so(
    plain: httpx.Client, level: str, seconds: int
) -> None:
    body = {"prompt": "一只猫", "expansion_level": level, "duration_s": seconds}

    first, second = (plain.post(PATH, json=body) for _ in range(2))

    answer = schemas.EnhancedPrompt.model_validate(first.json())
    assert first.json() == second.json()
    assert answer.source == "template"
    assert answer.enhanced_prompt.startswith("一只猫")
    assert len(answer.enhanced_prompt) > 10


def test_only_the_prompt_is_needed(plain: httpx.Client) -> None:
    answer = plain.post(PATH, json={"prompt": "a cat", "duration_s": None}).json()

    assert (answer["expansion_level"], answer["duration_s"]) == ("medium", 10)


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": ["a"]}, "prompt"),
        ({"prompt": "a" * 32_001}, "prompt"),
        ({"expansion_level": "huge"}, "expansion_level"),
        ({"duration_s": 7}, "duration_s"),
        ({"duration_s": "long"}, "duration_s"),
    ],
    ids=["empty", "type", "long", "level", "seconds", "words"],
)
def test_malformed_bodies_are_refused_by_field(
    plain: httpx.Client, given: dict[str, Any], param: str
) -> None:
    refused(plain.post(PATH, json={**BODY, **given}), 400, "invalid_request", param)


def test_the_operators_model_is_asked(client: httpx.Client, receiver: Receiver) -> None:
    receiver.answer = lambda number, request: completion(" 一只猫, in long. ")

    answer = schemas.EnhancedPrompt.model_validate(client.post(PATH, json=BODY).json())

    assert (answer.enhanced_prompt, answer.source) == ("一只猫, in long.", "model")
    sent = receiver.requests[-1]
    assert sent.path == "/v1/chat/completions"
    assert sent.headers["authorization"] == "Bearer sk-operator"
    body = json.loads(sent.body)
    assert (body["model"], body["stream"]) == ("writer", False)
    system, user = body["messages"]
    assert user == {"role": "user", "content": "a cat in the rain"}
    assert "10 seconds" in system["content"]


def slow(receiver: Receiver) -> Answer:
    receiver.released.wait(SLOW_SECONDS)
    return completion("too late")


FAILURES: dict[str, Callable[[Receiver], Answer]] = {
    "error": lambda _: Answer(500, body=b"no"),
    "refused": lambda _: Answer(401, body=b'{"error":{"message":"bad key"}}'),
    "moved": lambda _: Answer(302, {"location": "http://127.0.0.1:9/"}),
    "html": lambda _: Answer(body=b"<html>"),
    "null": lambda _: Answer(body=b"null"),
    "array": lambda _: Answer(body=b"[]"),
    "nothing": lambda _: completion(None),
    "blank": lambda _: completion("  "),
    "parts": lambda _: completion([{"type": "text", "text": "x"}]),
    "endless": lambda _: completion("a" * 40_000),
    "nul": lambda _: completion("a\x00b"),
    "deep": lambda _: Answer(body=b"[" * 100_000),
    "slow": slow,
}


@pytest.mark.parametrize("failure", list(FAILURES))
def test_our_rule_answers_when_the_model_fails(
    client: httpx.Client, receiver: Receiver, failure: str
) -> None:
    def answer(number: int, request: Received) -> Answer:
        return FAILURES[failure](receiver)

    receiver.answer = answer
    started = time.monotonic()

    got = client.post(PATH, json=BODY)

    assert time.monotonic() - started < SLOW_SECONDS / 2
    assert (got.status_code, got.json()["source"]) == (200, "template")
    assert got.json()["enhanced_prompt"].startswith("a cat in the rain")


def test_a_model_that_is_not_there_is_not_waited_for(tmp_path: Path) -> None:
    prompts = {"url": "http://127.0.0.1:9/v1", "model": "gone"}
    with open_sora(tmp_path, workers=False, text_model=prompts) as one, member(one) as client:
        assert client.post(PATH, json=BODY).json()["source"] == "template"


def test_prompts_of_local_only_keys_do_not_leave_for_a_hosted_model(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.answer = lambda number, request: completion("more")
    sources = {}
    for hosted in (True, False):
        prompts = {"url": f"http://{receiver.place}/v1", "model": "w", "hosted": hosted}
        with (
            open_sora(tmp_path / str(hosted), workers=False, text_model=prompts) as one,
            member(one, local_only=True) as client,
        ):
            sources[hosted] = client.post(PATH, json=BODY).json()["source"]
    assert sources == {True: "template", False: "model"}


def test_a_key_from_the_environment(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRITER_KEY", "sk-elsewhere")
    receiver.answer = lambda number, request: completion("more")
    prompts = {"url": f"http://{receiver.place}/v1", "model": "w", "key_env": "WRITER_KEY"}
    with open_sora(tmp_path, workers=False, text_model=prompts) as one, member(one) as client:
        assert client.post(PATH, json=BODY).json()["source"] == "model"
    assert receiver.requests[-1].headers["authorization"] == "Bearer sk-elsewhere"


def test_a_key_of_another_dialect_is_not_enough(server: LiveServer) -> None:
    headers = {"authorization": f"Bearer {server.new_key('chatty', frozenset({Scope.CHAT}))}"}
    answer = patient.post(f"{server.url}/backend{PATH}", json=BODY, headers=headers)

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "insufficient_permissions"
