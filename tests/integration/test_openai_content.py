"""Finished videos over real HTTP: downloads, and the progress on the way to them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hinode.api.job_watcher import JobWatcher
from hinode.api.openai.events import event_stream
from hinode.kit.ids import from_video_id
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.live import wait_until_ended


@pytest.fixture(scope="module")
def api(live: LiveServer) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {live.new_key('viewer')}"}
    with patient.Client(base_url=f"{live.url}/v1", headers=headers, timeout=20.0) as client:
        yield client


@pytest.fixture(scope="module")
def video_id(api: httpx.Client) -> str:
    """A finished video with two outputs."""
    made: str = api.post("/videos", data={"prompt": "a fox", "n": "2"}).json()["id"]
    assert wait_until_ended(api, made)["status"] == "completed"
    return made


@pytest.fixture
def stalled(api: httpx.Client) -> Iterator[str]:
    """A video that stays in progress."""
    made: str = api.post("/videos", data={"prompt": "[stall] a fox"}).json()["id"]
    yield made
    api.delete(f"/videos/{made}")


def events_of(answer: httpx.Response) -> Iterator[tuple[str, str]]:
    """Yield each event's name and data."""
    name = ""
    for line in answer.iter_lines():
        key, _, value = line.partition(": ")
        if key == "event":
            name = value
        elif key == "data":
            yield name, value
            name = ""


@pytest.mark.parametrize(
    ("variant", "content_type", "suffix", "magic"),
    [
        ("video", "video/mp4", ".mp4", b"ftyp"),
        ("thumbnail", "image/webp", "-thumbnail.webp", b"WEBP"),
        ("spritesheet", "image/jpeg", "-spritesheet.jpg", b"\xff\xd8\xff"),
    ],
)
def test_the_three_variants_are_served(
    api: httpx.Client, video_id: str, variant: str, content_type: str, suffix: str, magic: bytes
) -> None:
    path, query = f"/videos/{video_id}/content", {"variant": variant}

    answer = api.get(path, params=query, headers={"accept": "application/binary"})
    head = api.head(path, params=query)

    assert answer.status_code == 200
    assert magic in answer.content[:16]
    assert answer.headers["content-type"] == content_type
    assert answer.headers["accept-ranges"] == "bytes"
    assert f'filename="{video_id}{suffix}"' in answer.headers["content-disposition"]
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert head.content == b""
    for name in ("content-length", "content-type", "etag", "accept-ranges"):
        assert head.headers[name] == answer.headers[name]


def test_every_output_has_its_files(api: httpx.Client, video_id: str) -> None:
    path = f"/videos/{video_id}/content"

    first, second = (api.get(path, params={"index": index}) for index in (0, 1))
    third = api.get(path, params={"index": 2})

    assert first.content == api.get(path).content != second.content
    assert f'filename="{video_id}-1.mp4"' in second.headers["content-disposition"]
    assert (third.status_code, third.json()["error"]["param"]) == (400, "index")


def test_parts_are_served_to_players(api: httpx.Client, video_id: str) -> None:
    path = f"/videos/{video_id}/content"
    whole = api.get(path)
    etag, size = whole.headers["etag"], len(whole.content)

    def part(requested: str, **headers: str) -> httpx.Response:
        return api.get(path, headers={"range": requested, **headers})

    some = part("bytes=10-19")
    assert (some.status_code, some.content) == (206, whole.content[10:20])
    assert some.headers["content-range"] == f"bytes 10-19/{size}"
    assert part("bytes=-5").content == whole.content[-5:]
    assert part("bytes=10-19", **{"if-range": etag}).status_code == 206
    assert part("bytes=10-19", **{"if-range": '"other"'}).content == whole.content
    beyond = part(f"bytes={size}-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert api.get(path, headers={"if-none-match": etag}).status_code == 304


def test_files_that_were_swept_have_expired(live: LiveServer, api: httpx.Client) -> None:
    made = api.post("/videos", data={"prompt": "x"}).json()["id"]
    wait_until_ended(api, made)
    (live.services.settings.data / "objects" / "outputs" / made[6:] / "0" / "video.mp4").unlink()

    answer = api.get(f"/videos/{made}/content")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "video_expired")


def test_events_tell_each_state_once_until_the_last(api: httpx.Client) -> None:
    made = api.post("/videos", data={"prompt": "a fox"}).json()

    with api.stream("GET", f"/videos/{made['id']}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        seen = list(events_of(answer))

    assert seen.pop() == ("", "[DONE]")
    assert {name for name, _ in seen} == {"video.updated"}
    videos: list[dict[str, Any]] = [json.loads(data) for _, data in seen]
    assert videos[-1] == api.get(f"/videos/{made['id']}").json()
    assert videos[-1]["status"] == "completed"
    assert [video["progress"] for video in videos] == sorted(video["progress"] for video in videos)
    assert len({json.dumps(video) for video in videos}) == len(videos)


def test_events_end_when_the_job_is_canceled_or_deleted(api: httpx.Client, stalled: str) -> None:
    with api.stream("GET", f"/videos/{stalled}/events") as answer:
        events = events_of(answer)
        assert json.loads(next(events)[1])["status"] in ("queued", "in_progress")
        api.post(f"/videos/{stalled}/cancel")
        last = list(events)

    assert json.loads(last[-2][1])["error"]["code"] == "canceled"
    assert last[-1] == ("", "[DONE]")


def test_a_quiet_stream_is_kept_alive(live: LiveServer, stalled: str) -> None:
    job_id = from_video_id(stalled)
    assert job_id is not None

    async def first_keep_alive() -> bytes:
        watcher = JobWatcher(live.services.core.jobs.progress_of, quiet_seconds=0.05)
        async for message in event_stream(watcher, job_id):
            if not message.startswith(b"event:"):
                await watcher.close()
                return message
        raise AssertionError("the stream ended")

    assert asyncio.run(asyncio.wait_for(first_keep_alive(), 10)) == b": keep-alive\n\n"


def test_a_running_job_can_be_canceled(api: httpx.Client, stalled: str) -> None:
    with api.stream("GET", f"/videos/{stalled}/events") as answer:
        states = (json.loads(data)["status"] for _, data in events_of(answer))
        assert "in_progress" in states

    canceled = api.post(f"/videos/{stalled}/cancel").json()

    assert (canceled["status"], canceled["error"]["code"]) == ("failed", "canceled")


def test_what_has_ended_cannot_be_canceled(api: httpx.Client, video_id: str) -> None:
    answer = api.post(f"/videos/{video_id}/cancel")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "video_not_cancelable")


def test_a_ready_server_says_so(live: LiveServer) -> None:
    answer = patient.get(f"{live.url}/readyz", params={"for": "create"})

    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "storage": "ok", "workers": "ok"}
    assert answer.json()["creates"] == "ok"
