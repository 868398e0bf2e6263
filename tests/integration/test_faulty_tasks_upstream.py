"""A server of the task API that does everything wrong: each job ends, and is sent once."""

from __future__ import annotations

import asyncio
import base64
import io
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hinode.engines.base import ArtifactRole, Engine, MediaKind, RenderContext, RenderSpec
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.tasks.kind import KIND
from hinode.engines.tasks.settings import TasksEngineSettings
from hinode.kit.ids import new_id
from tests.support.upstreams import faulty
from tests.support.upstreams.faulty import Change, instead
from tests.support.upstreams.tasks import MODEL, TaskServer, refusal, task_server
from tests.support.upstreams.videos import KEY
from tests.support.upstreams.wire import Reply, WireRequest, WireServer, wire_server

ENDED_WITHIN = 20.0
SPEC = RenderSpec(
    job_id=new_id(), kind=MediaKind.VIDEO, prompt="a fox", width=720, height=1280, fps=10,
    frames=40, seed=1,
)  # fmt: skip


def engine_of(url: str, **settings: Any) -> Engine:
    given = {
        "kind": "tasks",
        "origin": "trained",
        "url": url,
        "key": KEY,
        "model": MODEL,
        "poll_interval_seconds": 0.05,
    }
    quick = {
        "unreachable_timeout_seconds": 1.0,
        "response_timeout_seconds": 5.0,
        "download_timeout_seconds": 5.0,
        "retry_backoff_seconds": 0.01,
    }
    bounded = {"max_result_mb": 1}
    found = TasksEngineSettings.model_validate(given | quick | bounded | settings)
    return KIND.create("tasks", found, None)


def render(
    wire: WireServer, folder: Path, spec: RenderSpec = SPEC, **settings: Any
) -> list[ArtifactRole]:
    async def run() -> list[ArtifactRole]:
        engine = engine_of(wire.url, **settings)
        async with asyncio.timeout(ENDED_WITHIN):
            ticket = await engine.submit(spec)
            context = RenderContext(spec, folder, lambda _: None)
            return [one.role for one in await engine.collect(ticket, context)]

    return asyncio.run(run())


def changed(**fields: Any) -> Change:
    def change(reply: Reply) -> Reply:
        assert isinstance(reply.body, dict)
        return replace(reply, body={**reply.body, **fields})

    return change


def refused(status: int, code: str, message: str = "It is so.") -> Change:
    return instead(refusal(status, code, message))


PASSING: dict[str, tuple[str, Change]] = {
    "look reset": ("look", faulty.RESET),
    "look 500": ("look", faulty.BROKEN),
    "look 503": ("look", refused(503, "upstream_error")),
    "look 429": ("look", faulty.BUSY),
    "look page": ("look", faulty.HTML),
    "look list": ("look", faulty.LIST),
    "look scrap": ("look", faulty.SCRAP),
    "look empty": ("look", faulty.EMPTY),
    "look cut": ("look", faulty.CUT),
    "look endless": ("look", faulty.ENDLESS),
    "look 404": ("look", refused(404, "task_not_found")),
    "look back": ("look", changed(status="pending", progress=None)),
    "content reset": ("content", faulty.RESET),
    "content 500": ("content", faulty.BROKEN),
    "content page": ("content", faulty.HTML),
    "content cut": ("content", faulty.HALF),
    "content lies": ("content", faulty.LIE),
    "content expired": ("content", instead(Reply(403, b"<Error>Request has expired</Error>"))),
    "create 429": ("create", refused(429, "rate_limit_exceeded")),
}


@pytest.mark.parametrize("name", sorted(PASSING))
def test_trouble_that_passes_does_no_harm(name: str, tmp_path: Path) -> None:
    what, fault = PASSING[name]
    with task_server(TaskServer(once={what: [fault]})) as wire:
        assert ArtifactRole.VIDEO in render(wire, tmp_path)
        assert wire.count("POST") == (2 if what == "create" else 1)


LASTING: dict[str, tuple[str, Change, FailureKind]] = {
    "look reset": ("look", faulty.RESET, FailureKind.UNREACHABLE),
    "look 500": ("look", faulty.BROKEN, FailureKind.SERVER_ERROR),
    "look page": ("look", faulty.HTML, FailureKind.SERVER_ERROR),
    "look list": ("look", faulty.LIST, FailureKind.SERVER_ERROR),
    "look 404": ("look", refused(404, "task_not_found"), FailureKind.LOST),
    "look 401": ("look", refused(401, "invalid_api_key"), FailureKind.UNAUTHORIZED),
    "look 200 that is 404": (
        "look",
        instead(Reply(200, {"code": 404, "msg": "x"})),
        FailureKind.LOST,
    ),
    "another task": (
        "look",
        changed(id="00000000-0000-0000-0000-000000000099"),
        FailureKind.SERVER_ERROR,
    ),
    "odd status": ("look", changed(status="meditating"), FailureKind.SERVER_ERROR),
    "canceled there": (
        "look",
        changed(status="failed", error={"code": "canceled", "message": "Canceled."}),
        FailureKind.RENDER_FAILED,
    ),
    "fails without a word": (
        "look",
        changed(status="failed", error=None),
        FailureKind.RENDER_FAILED,
    ),
    "no video": ("look", changed(status="completed", output={"urls": []}), FailureKind.BAD_RESULT),
    "no output": ("look", changed(status="completed", output=None), FailureKind.BAD_RESULT),
    "a video inside": (
        "look",
        changed(status="completed", output={"urls": ["http://169.254.169.254/latest/meta-data"]}),
        FailureKind.BAD_RESULT,
    ),
    "a video in a file": (
        "look",
        changed(status="completed", output={"urls": ["file:///etc/passwd"]}),
        FailureKind.BAD_RESULT,
    ),
    "content 404": ("content", instead(Reply(404, b"gone")), FailureKind.BAD_RESULT),
    "content cut": ("content", faulty.HALF, FailureKind.BAD_RESULT),
    "content page": ("content", faulty.HTML, FailureKind.BAD_RESULT),
    "content endless": ("content", faulty.ENDLESS, FailureKind.BAD_RESULT),
    "content noise": ("content", faulty.NOISE, FailureKind.BAD_RESULT),
    "create 400": ("create", refused(400, "invalid_request"), FailureKind.INVALID_REQUEST),
    "create 401": ("create", refused(401, "invalid_api_key"), FailureKind.UNAUTHORIZED),
    "create 402": ("create", refused(402, "insufficient_credits"), FailureKind.QUOTA),
    "create 403": ("create", refused(403, "ip_not_allowed"), FailureKind.UNAUTHORIZED),
    "create 404": ("create", refused(404, "model_not_found"), FailureKind.INVALID_REQUEST),
    "create 409": ("create", refused(409, "idempotency_conflict"), FailureKind.UNCERTAIN),
    "create 429": ("create", refused(429, "rate_limit_exceeded"), FailureKind.BUSY),
    "create 429 spent": ("create", refused(429, "spend_limit_exceeded"), FailureKind.QUOTA),
    "create 500": ("create", refused(500, "internal_error"), FailureKind.SERVER_ERROR),
    "create 503": ("create", refused(503, "upstream_error"), FailureKind.RENDER_FAILED),
    "create 200 that is 402": (
        "create",
        instead(Reply(200, {"code": 402, "msg": "Credits insufficient", "data": None})),
        FailureKind.QUOTA,
    ),
    "create 502": ("create", faulty.GATEWAY, FailureKind.UNCERTAIN),
    "create reset": ("create", faulty.RESET, FailureKind.UNCERTAIN),
    "create page": ("create", faulty.HTML, FailureKind.UNCERTAIN),
    "create empty": ("create", faulty.EMPTY, FailureKind.UNCERTAIN),
    "create cut": ("create", faulty.CUT, FailureKind.UNCERTAIN),
    "create endless": ("create", faulty.ENDLESS, FailureKind.SERVER_ERROR),
}
RETRIED = {"create 429", "create 429 spent", "create 503"}


@pytest.mark.parametrize("name", sorted(LASTING))
def test_trouble_that_lasts_ends_the_job_with_a_reason(name: str, tmp_path: Path) -> None:
    what, fault, expected = LASTING[name]
    with task_server(TaskServer(always={what: fault})) as wire:
        with pytest.raises(UpstreamError) as caught:
            render(wire, tmp_path)
        assert caught.value.failure_kind is expected, str(caught.value)
        assert wire.count("POST") == (3 if name in RETRIED else 1)
    said = str(caught.value)
    assert len(said) > 20
    assert said[0].isupper()
    for secret in (KEY, "sk-", "127.0.0.1", "169.254", "0000-0000", "bucket", "<"):
        assert secret not in said


def test_refused_content_is_told_as_such(tmp_path: Path) -> None:
    with task_server(TaskServer()) as wire, pytest.raises(UpstreamError) as caught:
        render(wire, tmp_path, replace(SPEC, prompt="[refuse]"))
    assert caught.value.code == "moderation_blocked"


def test_where_a_key_is_honoured_an_uncertain_create_is_sent_again(tmp_path: Path) -> None:
    server = TaskServer(once={"create": [faulty.RESET, faulty.GATEWAY]})
    with task_server(server) as wire:
        assert ArtifactRole.VIDEO in render(wire, tmp_path, idempotent=True)
        sent = [one for one in wire.requests if one.method == "POST"]
    assert len(sent) == 3
    assert {one.headers["idempotency-key"] for one in sent} == {str(SPEC.job_id)}
    assert len({one.body for one in sent}) == 1


@pytest.mark.parametrize("code", [402, 503])
def test_a_refusal_after_an_uncertain_create_does_not_make_it_certain(
    code: int, tmp_path: Path
) -> None:
    """Another engine must not be given the job: this server may have it from the first time."""
    no_more = instead(Reply(200, {"code": code, "msg": "Credits insufficient", "data": None}))
    server = TaskServer(once={"create": [faulty.RESET, no_more]})
    with task_server(server) as wire, pytest.raises(UpstreamError) as caught:
        render(wire, tmp_path, idempotent=True)
    assert (caught.value.failure_kind, caught.value.not_accepted) == (FailureKind.UNCERTAIN, False)


def test_a_server_that_is_not_there_was_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(UpstreamError) as caught:
        asyncio.run(engine_of(f"http://127.0.0.1:{port}/v1").submit(SPEC))
    assert caught.value.failure_kind is FailureKind.UNREACHABLE
    assert caught.value.not_accepted


def test_what_the_dialect_has_no_words_for_is_not_sent() -> None:
    cases: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        ({"width": 1024, "height": 1024}, {}, "1024x1024"),
        ({"frames": 25}, {}, "2.5"),
        ({"first_frame": Path("never-read.png")}, {"accepts_data_urls": False}, "first frame"),
    ]
    with task_server(TaskServer()) as wire:
        for changes, settings, word in cases:
            with pytest.raises(UpstreamError, match=word) as caught:
                asyncio.run(engine_of(wire.url, **settings).submit(replace(SPEC, **changes)))
            assert caught.value.failure_kind is FailureKind.INVALID_REQUEST
        assert wire.requests == []


def test_a_create_says_what_is_wanted_in_the_documented_shape(tmp_path: Path) -> None:
    picture = tmp_path / "first.png"
    Image.new("RGB", (90, 70), (200, 40, 40)).save(picture)
    spec = replace(SPEC, width=416, height=240, frames=81, fps=16, first_frame=picture)
    with task_server(TaskServer()) as wire:
        render(wire, tmp_path, spec, extra={"seed": 7})
    (body,) = (one.json() for one in wire.requests if one.method == "POST")
    (url,) = body["input"].pop("image_urls")
    assert body == {
        "model": MODEL,
        "input": {"prompt": "a fox", "duration": 5, "aspect_ratio": "16:9", "seed": 7},
    }
    head, _, data = url.partition(",")
    with Image.open(io.BytesIO(base64.b64decode(data))) as sent:
        assert (head, sent.format, sent.size) == ("data:image/png;base64", "PNG", (832, 480))


def test_a_video_on_another_host_is_asked_without_the_key(tmp_path: Path) -> None:
    server = TaskServer()
    other: Callable[[WireRequest], Reply] = server.content
    with wire_server(other) as bucket:
        server.host = bucket.url
        with task_server(server) as wire:
            assert ArtifactRole.VIDEO in render(wire, tmp_path)
    (request,) = bucket.requests
    assert "authorization" not in request.headers
    assert request.query == {"signature": "abc"}


@pytest.mark.parametrize(
    "fault", [faulty.BROKEN, faulty.RESET, faulty.HTML], ids=["500", "reset", "page"]
)
def test_a_cancel_that_fails_raises_nothing(fault: Change) -> None:
    async def run(url: str) -> None:
        engine = engine_of(url)
        await engine.cancel(await engine.submit(replace(SPEC, prompt="[stall]")))

    server = TaskServer(once={"look": [fault], "delete": [fault]})
    with task_server(server) as wire:
        asyncio.run(run(wire.url))
    assert all(task.stopped for task in server.tasks.values())


def test_a_cancel_that_comes_too_late_destroys_nothing(tmp_path: Path) -> None:
    async def run(url: str) -> None:
        engine = engine_of(url)
        ticket = await engine.submit(SPEC)
        await engine.collect(ticket, RenderContext(SPEC, tmp_path, lambda _: None))
        await engine.cancel(ticket)

    with task_server(TaskServer()) as wire:
        asyncio.run(run(wire.url))
        assert wire.count("DELETE") == 0
