"""Chat completions over real HTTP: pictures, videos and characters, whole and as streams."""

from __future__ import annotations

import base64
import io
import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.requests import Request

from hinode.api.openai.chat.schemas import Completion
from hinode.api.signed_urls import SignedUrls
from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.kit.clock import SystemClock
from hinode.media.types import ArtifactRole, JobAction, MediaKind, Style
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.chat import (
    PATH,
    asking,
    chat,
    events_of,
    job_of,
    joined,
    links_in,
    part,
    said,
    words,
)
from tests.support.films import write_film
from tests.support.live import wait_until_ended
from tests.support.openai import refused
from tests.support.pictures import png_bytes
from tests.support.responses import good
from tests.support.signed_urls import with_proof

PNG = png_bytes(64, 36)
BASE64 = base64.b64encode(PNG).decode()
DATA_URL = f"data:image/png;base64,{BASE64}"
HOWTO = Path(__file__).parent.parent.parent / "docs" / "howto" / "chat.md"


@pytest.fixture(scope="module")
def client(live: LiveServer) -> Iterator[httpx.Client]:
    """A client of the server that renders, with a bare key."""
    key = live.new_key("chatter", DEFAULT_SCOPES | {Scope.TEST})
    with patient.Client(
        base_url=f"{live.url}/v1", headers={"authorization": key}, timeout=30.0
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A clip of somebody, in base64."""
    film = write_film(tmp_path_factory.mktemp("film") / "film.mp4", 360, 640, seconds=3.0)
    return base64.b64encode(film.read_bytes()).decode()


def streamed(client: httpx.Client, content: object, model: str, **more: object) -> list[Any]:
    body = asking(content, model, stream=True, **more)
    with client.stream("POST", PATH, json=body) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        return events_of(answer.iter_lines())


def test_a_picture_comes_as_markdown_with_a_link_that_needs_no_key(client: httpx.Client) -> None:
    answer = good(chat(client, "画小猫", "sora_image", size="800x600"))

    Completion.model_validate(answer)
    content = answer["choices"][0]["message"]["content"]
    assert re.fullmatch(r"!\[image\]\(http://[^)]+\)", content)
    (link,) = links_in(content)
    shown = patient.get(link)
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["content-disposition"].startswith("inline")
    assert Image.open(io.BytesIO(shown.content)).format == "PNG"
    assert answer["hinode"]["size"] == "1536x1024"
    assert answer["usage"]["total_tokens"] == (
        answer["usage"]["prompt_tokens"] + answer["usage"]["completion_tokens"]
    )


def test_a_video_comes_as_a_player_and_a_link(client: httpx.Client, live: LiveServer) -> None:
    answer = good(chat(client, "a fox", "sora_video2-landscape-15s"))

    Completion.model_validate(answer)
    content = answer["choices"][0]["message"]["content"]
    player, shown = links_in(content)
    assert player == shown
    assert content.startswith(f"```html\n<video src='{player}' controls></video>\n```\n")
    job = job_of(live, answer["id"])
    assert answer["hinode"]["id"] == f"video_{job.id.hex}"
    assert answer["hinode"]["seconds"] == "15"
    assert answer["model"] == "sora_video2-landscape-15s"
    assert (job.plan.width, job.plan.height) == (1280, 720)


def test_links_serve_ranges_and_heads_and_only_while_they_are_good(
    client: httpx.Client, live: LiveServer
) -> None:
    answer = good(chat(client, "a fox", "sora_video2"))
    link = links_in(answer["choices"][0]["message"]["content"])[0]

    whole = patient.get(link)
    assert whole.headers["content-type"] == "video/mp4"
    piece = patient.get(link, headers={"range": "bytes=4-7"})
    assert (piece.status_code, piece.content) == (206, b"ftyp")
    head = patient.head(link)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(whole.content)
    refused(patient.get(link.replace("video.mp4", "thumbnail.webp")), 403, "invalid_link")
    refused(patient.get(with_proof(link, f"{'0' * 32}.692aafd0")), 403, "invalid_link")
    signer = live.services.links.signer
    old = SignedUrls(signer, live.url, SystemClock()).url(
        Request({"type": "http", "headers": []}),
        job_of(live, answer["id"]).id,
        0,
        ArtifactRole.VIDEO,
        lifetime=timedelta(seconds=-5),
    )
    assert "expired at" in refused(patient.get(old), 403, "link_expired")


def test_links_of_deleted_and_expired_jobs_lead_nowhere(client: httpx.Client) -> None:
    answer = good(chat(client, "a fox", "sora_video2"))
    link = links_in(answer["choices"][0]["message"]["content"])[0]
    assert client.delete(f"/videos/{answer['hinode']['id']}").status_code == 200
    refused(patient.get(link), 404, "unknown_url")

    body, headers = asking("a fox", "sora_video2"), {"hinode-simulate": "expire"}
    # The sweep that comes twice a minute may take a job's links away at once.
    texts = (said(client.post(PATH, json=body, headers=headers)) for _ in range(3))
    expired = next(link for text in texts for link in links_in(text))
    assert refused(patient.get(expired), 400, "video_expired", "id")


@pytest.mark.parametrize("model", ["sora_image", "sora_video2"])
def test_n_is_choices(client: httpx.Client, model: str) -> None:
    answer = good(chat(client, "a fox", model, n="3"))
    events = streamed(client, "a fox", model, n=3)

    assert [one["index"] for one in answer["choices"]] == [0, 1, 2]
    texts = [one["message"]["content"] for one in answer["choices"]]
    texts += [joined(events, "content", index) for index in range(3)]
    links = [links_in(text)[0] for text in texts]
    assert len(set(links)) == 6
    assert all(patient.get(link).status_code == 200 for link in links)


def test_a_stream_has_thoughts_then_the_result_then_its_end(
    client: httpx.Client, live: LiveServer
) -> None:
    events = streamed(client, "a fox", "sora_video2", stream_options={"include_usage": True})

    *chunks, usage, done = events
    assert done == "[DONE]"
    assert {(one["id"], one["created"], one["model"], one["object"]) for one in events[:-1]} == {
        (chunks[0]["id"], chunks[0]["created"], "sora_video2", "chat.completion.chunk")
    }
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    finishes = [one["choices"][0]["finish_reason"] for one in chunks]
    assert finishes == [None] * (len(chunks) - 1) + ["stop"]
    assert chunks[-1]["choices"][0]["delta"] == {}
    thoughts = joined(chunks, "reasoning_content")
    job = job_of(live, chunks[0]["id"])
    assert thoughts.startswith(f"video_{job.id.hex}: 720x1280, 10 s, seed {job.plan.seed}\n")
    link = links_in(joined(chunks, "content"))[0]
    assert patient.head(link).status_code == 200
    assert usage["choices"] == []
    assert usage["usage"]["completion_tokens"] > 0


def test_progress_is_real_and_told_once(client: httpx.Client) -> None:
    body = asking("a fox", "sora_video2", stream=True)
    with client.stream("POST", PATH, json=body, headers={"hinode-simulate": "slow=1.5"}) as answer:
        events = events_of(answer.iter_lines())

    lines = joined(events, "reasoning_content").splitlines()[1:]
    percents = [int(found[1]) for one in lines if (found := re.match(r"rendering (\d+) %", one))]
    assert len([one for one in percents if 0 < one < 100]) >= 2
    assert percents == sorted(set(percents))
    assert all(re.fullmatch(r"queued, (next|\d+ ahead)|rendering \d+ %", one) for one in lines)


def test_a_failure_on_the_way_is_an_error_object_and_the_end(client: httpx.Client) -> None:
    events = streamed(client, "a fox [fail]", "sora_video2")

    assert set(events[-1]) == {"error"}
    assert events[-1]["error"] == {
        "message": "The scripted engine was told to fail.",
        "type": "server_error",
        "param": None,
        "code": "scripted",
    }
    assert joined(events, "content") == ""


def test_a_failure_without_a_stream_is_not_tried_again(client: httpx.Client) -> None:
    answer = chat(client, "a fox [fail]", "sora_video2")

    assert "told to fail" in refused(answer, 500, "scripted")
    assert answer.headers["x-should-retry"] == "false"
    blocked = client.post(PATH, json=asking("a fox"), headers={"hinode-simulate": "refuse"})
    refused(blocked, 400, "moderation_blocked")


def test_quiet_streams_are_kept_alive(client: httpx.Client) -> None:
    body = asking("a fox [stall]", "sora_video2", stream=True)

    with client.stream("POST", PATH, json=body) as answer:
        lines = answer.iter_lines()
        quiet = 0
        for line in lines:
            quiet += line == ": keep-alive"
            if "chatcmpl-" in line:
                job_id = json.loads(line.removeprefix("data: "))["id"].removeprefix("chatcmpl-")
            if quiet == 3:
                break
        assert client.post(f"/videos/video_{job_id}/cancel").status_code == 200
        events = events_of(lines)

    assert events[-1]["error"]["code"] == "canceled"
    assert events[-1]["error"]["type"] == "invalid_request_error"


def test_a_deleted_job_ends_its_stream_with_an_error(client: httpx.Client) -> None:
    body = asking("a fox [stall]", "sora_video2", stream=True)
    with client.stream("POST", PATH, json=body) as answer:
        lines = answer.iter_lines()
        first = json.loads(next(lines).removeprefix("data: "))
        video_id = first["id"].replace("chatcmpl-", "video_")
        assert client.delete(f"/videos/{video_id}").status_code == 200
        events = events_of(lines)

    assert "no such job" in events[-1]["error"]["message"]


def test_who_goes_away_does_not_lose_the_job(client: httpx.Client) -> None:
    body = asking("a fox", "sora_video2", stream=True)
    with client.stream("POST", PATH, json=body, headers={"hinode-simulate": "slow=0.5"}) as answer:
        first = json.loads(next(answer.iter_lines()).removeprefix("data: "))
    with pytest.raises(httpx.ReadTimeout):
        client.post(
            PATH,
            json=asking("a dog", "sora_video2"),
            headers={"hinode-simulate": "slow=0.5"},
            timeout=httpx.Timeout(20.0, read=0.3),
        )

    deadline = time.monotonic() + 40
    while (newest := client.get("/videos", params={"limit": 1}).json()["data"][0])["prompt"] != (
        "a dog"
    ):
        assert time.monotonic() < deadline, newest
        time.sleep(0.02)
    for video_id in (first["id"].replace("chatcmpl-", "video_"), newest["id"]):
        assert wait_until_ended(client, video_id)["status"] == "completed"


def test_the_last_user_message_counts(client: httpx.Client, live: LiveServer) -> None:
    messages = [
        {"role": "system", "content": "You paint."},
        {"role": "user", "content": [part("image_url", {"url": DATA_URL}), words("a fox")]},
        {"role": "assistant", "content": "![image](http://localhost/x)", "tool_calls": None},
        {"role": "user", "content": [words("a dog"), words("in snow")]},
        {"role": "assistant", "content": ""},
    ]

    answer = client.post(PATH, json={"model": "sora_image", "messages": messages})

    job = job_of(live, good(answer)["id"])
    assert job.prompt == "a dog\nin snow"
    assert inputs_of(live, job.id.hex) == []


@pytest.mark.parametrize("model", ["sora_image", "sora_video2"])
@pytest.mark.parametrize(
    "address",
    [{"url": DATA_URL, "detail": "high"}, DATA_URL, {"url": BASE64}, BASE64, f"  {BASE64}\n"],
    ids=["object", "text", "base64 in an object", "bare base64", "with blanks"],
)
def test_pictures_come_in_every_form(
    client: httpx.Client, live: LiveServer, model: str, address: object
) -> None:
    content = [words("another style"), part("image_url", address)]

    answer = good(chat(client, content, model))

    assert inputs_of(live, answer["id"].removeprefix("chatcmpl-")) == [("upload", 64, 36)]


def test_pictures_take_several_and_videos_one(client: httpx.Client, live: LiveServer) -> None:
    content = [words("together"), part("image_url", DATA_URL), part("image_url", BASE64)]

    answer = good(chat(client, content, "sora_image"))

    assert len(inputs_of(live, answer["id"].removeprefix("chatcmpl-"))) == 2
    assert "one image" in refused(
        chat(client, content, "sora_video2"), 400, "unsupported_value", "messages"
    )


def test_marks_in_the_prompt_direct_the_video(client: httpx.Client, live: LiveServer) -> None:
    prompt = "A cat's day. {anime} [5.0s]it wakes up [10.0s]it runs"

    first = good(chat(client, prompt, "sora_video2-landscape"))

    job = job_of(live, first["id"])
    assert (job.prompt, job.options.style) == ("A cat's day.", Style.ANIME)
    assert job.plan.seconds == 15
    assert [(one.prompt, one.frames) for one in job.options.shots] == [
        ("it wakes up", 150),
        ("it runs", 300),
    ]
    video_id = first["hinode"]["id"]
    link = f"https://sora.chatgpt.com/p/s_{job.id.hex}"
    for text in (f"{link}变成水墨画风格", f"{video_id} 变成水墨画风格"):
        remix = job_of(live, good(chat(client, text, "sora_video2"))["id"])
        assert (remix.action, remix.parent_id) == (JobAction.REMIX, job.id)
        assert (remix.prompt, remix.plan.size) == ("变成水墨画风格", job.plan.size)
    picture = job_of(live, good(chat(client, "{comic} a cat", "sora_image"))["id"])
    assert (picture.kind, picture.options.style) == (MediaKind.IMAGE, Style.COMIC)


def test_shots_fit_into_the_length_that_was_asked_for(
    client: httpx.Client, live: LiveServer
) -> None:
    answer = good(chat(client, "[1s]a[3s]b", "sora_video2", duration=10))

    job = job_of(live, answer["id"])
    assert (job.plan.seconds, [one.frames for one in job.options.shots]) == (10, [75, 225])


def test_global_parameters_are_heard(client: httpx.Client, live: LiveServer) -> None:
    parameters = {"size": "1920x1080", "duration": "15", "hd": True, "seed": "7", "watermark": True}

    answer = good(chat(client, "a fox", "sora_video2-pro", **parameters))

    plan = job_of(live, answer["id"]).plan
    assert (str(plan.size), plan.seconds, plan.seed, plan.watermark) == ("1792x1024", 15, 7, True)
    assert answer["hinode"]["size"] == "1792x1024"


def test_a_clip_alone_makes_a_character(client: httpx.Client, clip: str) -> None:
    url = f"data:video/mp4;base64,{clip}"
    named = good(chat(client, [part("video_url", url, name="Mochi")], "sora_video2"))
    inside = good(chat(client, [part("video_url", {"url": clip, "name": "Taro"})], "sora_video2"))
    events = streamed(client, [part("video_url", {"url": url}), words("  ")], "sora_video2")

    Completion.model_validate(named)
    assert (named["hinode"]["name"], inside["hinode"]["name"]) == ("Mochi", "Taro")
    assert "@Mochi" in named["choices"][0]["message"]["content"]
    assert named["hinode"]["id"] in named["choices"][0]["message"]["content"]
    found = client.get(f"/videos/characters/{named['hinode']['id']}").json()
    assert found["name"] == "Mochi"
    assert events[-1] == "[DONE]"
    assert re.search(r"@character_[a-z0-9]{6}\b", joined(events, "content"))


def test_a_clip_with_words_makes_a_video_of_the_character(
    client: httpx.Client, live: LiveServer, clip: str
) -> None:
    content = [part("video_url", {"url": clip}, name="Hana"), words("she dances")]

    first = job_of(live, good(chat(client, content, "sora_video2"))["id"])
    later = job_of(live, good(chat(client, "@Hana sings", "sora_video2"))["id"])

    assert first.prompt == "she dances"
    assert len(first.options.characters) == 1
    assert later.options.characters == first.options.characters


def test_a_repeated_request_with_its_key_gets_the_same_job(client: httpx.Client) -> None:
    key = {"idempotency-key": "once"}
    body = asking("a fox", "sora_image")

    first = good(client.post(PATH, json=body, headers=key))
    again = good(client.post(PATH, json={**body, "seed": None}, headers=key))
    with client.stream("POST", PATH, json={**body, "stream": True}, headers=key) as answer:
        third = events_of(answer.iter_lines())

    assert first["id"] == again["id"] == third[0]["id"]
    assert links_in(joined(third, "content"))
    other = client.post(PATH, json=asking("a dog", "sora_image"), headers=key)
    refused(other, 409, "idempotency_conflict", "Idempotency-Key")


BAD: list[tuple[dict[str, Any], int, str, str]] = [
    ({}, 400, "missing_required_parameter", "model"),
    ({"model": "sora_image"}, 400, "missing_required_parameter", "messages"),
    ({"model": "sora_image", "messages": []}, 400, "missing_required_parameter", "messages"),
    ({"model": "sora_image", "messages": "hi"}, 400, "invalid_type", "messages"),
    ({"model": "sora_image", "messages": ["hi"]}, 400, "invalid_type", "messages[0]"),
    (
        {"model": "sora_image", "messages": [{"role": "system", "content": "a"}]},
        400,
        "invalid_value",
        "messages",
    ),
    (asking(None), 400, "invalid_type", "messages[0].content"),
    (asking(["a"]), 400, "invalid_type", "messages[0].content[0]"),
    (asking([{"type": "input_audio"}]), 400, "invalid_value", "messages[0].content[0]"),
    (asking(" "), 400, "missing_required_parameter", "messages"),
    (asking([]), 400, "missing_required_parameter", "messages"),
    (asking("{anime}", "sora_video2"), 400, "missing_required_parameter", "messages"),
    (asking("x" * 32_001), 400, "invalid_value", "messages"),
    (asking("a\x00b"), 400, "invalid_value", "messages"),
    (asking("[0.1s]a", "sora_video2"), 400, "invalid_value", "messages"),
    (asking("[5s]a [5s]", "sora_video2"), 400, "missing_required_parameter", "messages"),
    (asking("{anime}{comic} a", "sora_video2"), 400, "invalid_value", "messages"),
    (asking(f"s_{'0' * 32} at night", "sora_video2"), 404, "not_found", "messages"),
    (asking(f"s_{'0' * 32} [5s]a", "sora_video2"), 400, "unsupported_value", "messages"),
    (asking("a", "sora_sound"), 404, "model_not_found", "model"),
    (asking("a", "sora_video2-hd-25s"), 400, "unsupported_value", "model"),
    (asking("a", n=5), 400, "unsupported_value", "n"),
    (asking("a", stream="maybe"), 400, "invalid_value", "stream"),
    (asking("a", stream_options="x"), 400, "invalid_type", "stream_options"),
    (asking("a", duration=10), 400, "unsupported_value", "duration"),
    (
        asking([part("image_url", "url或者base64")]),
        400,
        "invalid_value",
        "messages[0].content[0].image_url",
    ),
    (
        asking([words("a"), *[part("image_url", BASE64)] * 17]),
        400,
        "unsupported_value",
        "messages",
    ),
    (asking([part("image_url", 7)]), 400, "invalid_type", "messages[0].content[0].image_url"),
    (asking([words("a"), part("image_url", "YWJj")]), 400, "invalid_image", "messages"),
    (asking([part("video_url", BASE64)]), 400, "unsupported_value", "messages"),
    (asking([part("video_url", BASE64)], "sora_video2"), 400, "invalid_video", "messages"),
    (
        asking([part("video_url", "YWJj", name="x" * 81)], "sora_video2"),
        400,
        "invalid_value",
        "messages",
    ),
]


@pytest.mark.parametrize(("body", "status", "code", "param"), BAD)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.usefixtures("nothing_made")
def test_what_cannot_be_is_refused_before_anything_is_made_or_streamed(
    api: httpx.Client, body: dict[str, Any], status: int, code: str, param: str, stream: bool
) -> None:
    refused(api.post(PATH, json={"stream": stream, **body}), status, code, param)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/a.png",
        "http://localhost/a.png",
        "http://2130706433/a.png",
        "http://[::ffff:127.0.0.1]/a.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/a.png",
        "https://user:word@example.com/a.png",
    ],
)
@pytest.mark.parametrize("kind", ["image_url", "video_url"])
@pytest.mark.usefixtures("nothing_made")
def test_no_place_near_the_server_is_asked(api: httpx.Client, kind: str, url: str) -> None:
    content = [words("a fox"), part(kind, {"url": url})]

    answer = chat(api, content, "sora_video2")

    refused(answer, 400, "invalid_image_url", f"messages[0].content[1].{kind}")


def test_a_key_without_the_scope_cannot_chat(live: LiveServer) -> None:
    key = live.new_key("mute", DEFAULT_SCOPES - {Scope.CHAT})
    answer = patient.post(f"{live.url}/v1{PATH}", json=asking("a"), headers={"authorization": key})

    assert "'chat'" in refused(answer, 403, "insufficient_permissions")
    refused(patient.post(f"{live.url}/v1{PATH}", json=asking("a")), 401, "invalid_api_key")


def documented() -> list[str]:
    """The curl examples of the page about chat."""
    return re.findall(r"^```bash\n(curl .*?)\n```$", HOWTO.read_text("utf-8"), re.M | re.S)


def test_the_page_has_the_gateways_examples() -> None:
    assert len(documented()) == 5
    assert sum("/sora/v1/" in one for one in documented()) == 2


@pytest.mark.from_captured_traffic
@pytest.mark.parametrize("example", documented())
def test_every_documented_example_works(
    live: LiveServer, client: httpx.Client, clip: str, example: str
) -> None:
    (path,) = re.findall(r"http://HOST(/\S+?)'", example)
    (body,) = re.findall(r"--data-raw '(.*)'", example, re.DOTALL)
    body = body.replace("url或者base64", DATA_URL).replace("BASE64", clip)
    first = good(chat(client, "a fox", "sora_video2"))["hinode"]["id"]

    answer = patient.post(
        f"{live.url}{path}",
        content=re.sub(r"(?:video|s)_[0-9a-f]{32}", first, body).encode(),
        headers={
            "authorization": client.headers["authorization"],
            "content-type": "application/json",
        },
        timeout=20.0,
    )

    assert answer.status_code == 200, answer.text
    if "stream" in json.loads(body):
        events = events_of(answer.text.splitlines())
        assert events[-1] == "[DONE]"
        assert joined(events, "content")
    else:
        assert said(answer)


def inputs_of(server: LiveServer, job_hex: str) -> list[tuple[str, int, int]]:
    sql = f"SELECT role, width, height FROM assets WHERE job_id = '{job_hex}' AND role = 'upload'"
    with server.services.db.read() as conn:
        return [(role, width, height) for role, width, height in conn.exec_driver_sql(sql)]
