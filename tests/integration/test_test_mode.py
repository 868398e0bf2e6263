"""Test mode: every error path on purpose, for keys that may, whichever engine renders."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from openai import OpenAI

from hinode.api.simulation_middleware import Failures
from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.films import write_film
from tests.support.live import open_live, wait_until_ended

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API")

RUN_SECONDS = 5.0
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose jobs have five seconds to render."""
    data = tmp_path_factory.mktemp("test-mode")
    with open_live(data, workers=True, run_timeout_seconds=RUN_SECONDS) as running:
        yield running


@pytest.fixture
def key(server: LiveServer) -> str:
    """A key of its own for each test: what is flaky counts by key."""
    return server.new_key(f"tester-{next(_numbers)}", DEFAULT_SCOPES | {Scope.TEST})


@pytest.fixture
def client(server: LiveServer, key: str) -> Iterator[httpx.Client]:
    headers = {"authorization": key}
    with patient.Client(base_url=f"{server.url}/v1", headers=headers, timeout=15.0) as opened:
        yield opened


def simulate(client: httpx.Client, words: str) -> httpx.Response:
    headers = {"hinode-simulate": words}
    return client.post("/videos", json={"prompt": "a fox"}, headers=headers)


def ended(client: httpx.Client, made: httpx.Response) -> dict[str, Any]:
    assert made.status_code == 200, made.text
    return wait_until_ended(client, made.json()["id"])


@pytest.mark.parametrize(
    ("words", "code"), [("refuse", "moderation_blocked"), ("fail=server_error", "server_error")]
)
def test_a_job_fails_as_asked(client: httpx.Client, words: str, code: str) -> None:
    video = ended(client, simulate(client, words))

    assert (video["status"], video["error"]["code"]) == ("failed", code)
    assert "(simulated)" in video["error"]["message"]


def test_a_slow_job_takes_its_time_and_moves(client: httpx.Client) -> None:
    started = time.monotonic()
    made = simulate(client, "slow=3")
    seen = set()
    while (video := client.get(f"/videos/{made.json()['id']}").json())["status"] != "completed":
        seen.add(video["progress"])
        assert time.monotonic() - started < 30.0

    assert time.monotonic() - started >= 3.0
    assert len({one for one in seen if 0 < one < 100}) >= 2


def test_a_slow_job_may_fail_on_the_way(client: httpx.Client) -> None:
    video = ended(client, simulate(client, "slow=0.8 , FAIL=out_of_memory"))

    assert video["error"]["code"] == "out_of_memory"
    assert 0 < video["progress"] < 100


def test_a_stalled_job_stands_still_until_its_deadline(client: httpx.Client) -> None:
    started = time.monotonic()
    video = ended(client, simulate(client, "stall"))

    assert time.monotonic() - started >= RUN_SECONDS
    assert (video["progress"], video["error"]["code"]) == (40, "deadline_exceeded")


def test_a_stalled_job_can_be_canceled(client: httpx.Client) -> None:
    made = simulate(client, "stall").json()

    canceled = client.post(f"/videos/{made['id']}/cancel").json()

    assert canceled["error"]["code"] == "canceled"


def test_what_expires_at_once_is_completed_and_gone(client: httpx.Client) -> None:
    video = ended(client, simulate(client, "expire"))

    assert video["status"] == "completed"
    gone = client.get(f"/videos/{video['id']}/content")
    assert (gone.status_code, gone.json()["error"]["code"]) == (400, "video_expired")
    remix = client.post(f"/videos/{video['id']}/remix", json={"prompt": "at night"})
    assert remix.json()["error"]["code"] == "video_expired"


def test_a_flaky_path_fails_first_and_then_holds(client: httpx.Client) -> None:
    before = len(client.get("/videos").json()["data"])
    answers = [simulate(client, "flaky=3") for _ in range(5)]

    assert [one.status_code for one in answers] == [500, 429, 500, 200, 200]
    for one in answers[:3]:
        assert one.headers["retry-after"] == "1"
        assert set(one.json()["error"]) == {"message", "type", "param", "code"}
    assert answers[1].json()["error"]["code"] == "rate_limit_exceeded"
    assert len(client.get("/videos").json()["data"]) - before == 2
    # Another path counts by itself, and polls can be flaky too.
    poll = f"/videos/{answers[3].json()['id']}"
    statuses = [
        client.get(poll, headers={"hinode-simulate": "flaky=1"}).status_code for _ in range(2)
    ]
    assert statuses == [500, 200]


def test_the_official_client_gets_through_what_is_flaky(server: LiveServer, key: str) -> None:
    with OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=2) as official:
        video = official.videos.create(
            prompt="a fox", extra_headers={"hinode-simulate": "flaky=2,fail=server_error"}
        )
        assert official.videos.poll(video.id).status == "failed"


def test_pictures_fail_and_expire_too(client: httpx.Client) -> None:
    def ask(words: str) -> httpx.Response:
        body = {"prompt": "a fox", "model": "sora_image", "response_format": "url"}
        return client.post("/images/generations", json=body, headers={"hinode-simulate": words})

    refused = ask("refuse")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "moderation_blocked")
    broken = ask("slow=0.3,fail=server_error")
    assert (broken.status_code, broken.json()["error"]["code"]) == (500, "server_error")
    url = ask("expire").json()["data"][0]["url"]
    assert patient.get(url).json()["error"]["code"] == "video_expired"
    assert [ask("flaky=1").status_code for _ in range(2)] == [500, 200]


def test_chats_fail_in_the_answer_and_in_the_stream(client: httpx.Client) -> None:
    def ask(words: str, *, stream: bool) -> httpx.Response:
        said = [{"role": "user", "content": "a fox"}]
        body = {"model": "sora_video2", "messages": said, "stream": stream}
        return client.post("/chat/completions", json=body, headers={"hinode-simulate": words})

    refused = ask("refuse", stream=False)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "moderation_blocked")
    streamed = ask("slow=0.6,fail=server_error", stream=True)
    last = [line for line in streamed.text.splitlines() if line.startswith("data: ")][-1]
    assert json.loads(last[6:])["error"]["code"] == "server_error"


def test_every_creating_route_simulates(
    client: httpx.Client, tmp_path_factory: pytest.TempPathFactory
) -> None:
    film = write_film(tmp_path_factory.mktemp("film") / "film.mp4").read_bytes()
    parent = ended(client, client.post("/videos", json={"prompt": "a fox"}))["id"]
    source, header = {"id": parent}, {"hinode-simulate": "fail=asked_for"}
    made = [
        client.post(f"/videos/{parent}/remix", json={"prompt": "x"}, headers=header),
        client.post("/videos/edits", json={"prompt": "x", "video": source}, headers=header),
        client.post(
            "/videos/edits",
            data={"prompt": "x", "model": "sora-2"},
            files={"video": film},
            headers=header,
        ),
        client.post(
            "/videos/extensions",
            json={"prompt": "x", "seconds": "4", "video": source},
            headers=header,
        ),
    ]
    for answer in made:
        assert ended(client, answer)["error"]["code"] == "asked_for"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "explode",
        "fail",
        "fail=",
        "fail=two words",
        "refuse=yes",
        "stall,refuse",
        "fail=a,stall",
        "slow",
        "slow=0",
        "slow=-1",
        "slow=601",
        "slow=soon",
        "flaky=0",
        "flaky=101",
        "flaky=1.5",
        "expire,expire",
        "slow=1,,expire",
    ],
)
def test_words_that_are_none_are_refused(client: httpx.Client, words: str) -> None:
    answer = simulate(client, words)

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == ("invalid_value", "hinode-simulate")
    assert "flaky=<n>" in error["message"]


def test_only_a_key_with_the_scope_may_simulate(server: LiveServer) -> None:
    plain = server.new_key("plain")
    with patient.Client(base_url=f"{server.url}/v1", headers={"authorization": plain}) as client:
        for words in ("refuse", "flaky=1", "nonsense"):
            answer = simulate(client, words)
            assert answer.status_code == 403
            assert "'test'" in answer.json()["error"]["message"]
        assert client.get("/videos").json()["data"] == []
    with patient.Client(base_url=f"{server.url}/v1") as client:
        assert simulate(client, "refuse").status_code == 401


def test_flaky_counts_are_bounded_and_forgotten() -> None:
    now = 0.0
    failures, key = Failures(lambda: now), uuid4()

    assert [failures.count(key, "/a", 2) for _ in range(3)] == [0, 1, None]
    assert failures.count(uuid4(), "/a", 2) == 0
    now = Failures.FORGOTTEN_SECONDS + 1
    assert failures.count(key, "/a", 2) == 0
    for number in range(Failures.MOST + 5):
        failures.count(key, f"/{number}", 1)
    assert failures.count(key, "/0", 1) == 0
    assert failures.count(key, f"/{Failures.MOST}", 1) is None
