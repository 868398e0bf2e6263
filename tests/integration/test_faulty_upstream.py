"""An upstream that does everything wrong: each job ends, completed or with a reason, sent once."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hinode.engines.base import (
    ArtifactRole,
    JobAction,
    MediaKind,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.openai.engine import OpenAIEngine
from hinode.engines.openai.settings import OpenAIEngineSettings
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.kit.ids import new_id
from tests.support.upstreams import faulty
from tests.support.upstreams.faulty import Change, FaultyServer, instead
from tests.support.upstreams.videos import KEY, film, video_server
from tests.support.upstreams.wire import Reply, WireServer

ENDED_WITHIN = 20.0
SPEC = RenderSpec(
    job_id=new_id(), kind=MediaKind.VIDEO, prompt="a fox", width=64, height=64, fps=10, frames=20,
    seed=1,
)  # fmt: skip


CONCURRENCY = 8


@dataclass(frozen=True)
class AttemptResult:
    """How a job ended, and how often it was sent."""

    roles: list[ArtifactRole]
    error: UpstreamError | None
    posts: int


Outcomes = dict[str, "Future[AttemptResult]"]


def outcome_of(server: FaultyServer, folder: Path, patience: float) -> AttemptResult:
    folder.mkdir()
    with video_server(server) as wire:
        try:
            return AttemptResult(
                render(wire, folder, unreachable_timeout_seconds=patience), None, wire.count("POST")
            )
        except UpstreamError as error:
            return AttemptResult([], error, wire.count("POST"))


def engine_of(url: str, **settings: Any) -> OpenAIEngine:
    given = {
        "kind": "openai",
        "origin": "trained",
        "url": url,
        "key": KEY,
        "poll_interval_seconds": 0.05,
        "max_result_mb": 1,
    }
    quick = {
        "unreachable_timeout_seconds": 10.0,
        "response_timeout_seconds": 5.0,
        "download_timeout_seconds": 5.0,
        "retry_backoff_seconds": 0.01,
    }
    return OpenAIEngine("gpu", OpenAIEngineSettings.model_validate(given | quick | settings))


def render(wire: WireServer, folder: Path, **settings: Any) -> list[ArtifactRole]:
    async def run() -> list[ArtifactRole]:
        engine = engine_of(wire.url, **settings)
        async with asyncio.timeout(ENDED_WITHIN):
            ticket = await engine.submit(SPEC)
            context = RenderContext(SPEC, folder, lambda _: None)
            return [one.role for one in await engine.collect(ticket, context)]

    return asyncio.run(run())


PASSING: dict[str, tuple[str, Change]] = {
    "look reset": ("look", faulty.RESET),
    "look 500": ("look", faulty.BROKEN),
    "look 429": ("look", faulty.BUSY),
    "look 502 page": ("look", faulty.GATEWAY),
    "look page": ("look", faulty.HTML),
    "look list": ("look", faulty.LIST),
    "look scrap": ("look", faulty.SCRAP),
    "look empty": ("look", faulty.EMPTY),
    "look cut": ("look", faulty.CUT),
    "look endless": ("look", faulty.ENDLESS),
    "look 404": ("look", faulty.GONE),
    "content reset": ("content", faulty.RESET),
    "content 500": ("content", faulty.BROKEN),
    "content 429": ("content", faulty.BUSY),
    "content page": ("content", faulty.HTML),
    "content cut": ("content", faulty.HALF),
    "content lies": ("content", faulty.LIE),
    "create 429": ("create", faulty.BUSY),
}


@pytest.mark.parametrize("name", sorted(PASSING))
def test_trouble_that_passes_does_no_harm(name: str, passing: Outcomes) -> None:
    found = passing[name].result()
    assert found.error is None
    assert ArtifactRole.VIDEO in found.roles
    assert found.posts == (2 if name.startswith("create") else 1)


def changed(**fields: Any) -> Change:
    def change(reply: Reply) -> Reply:
        assert isinstance(reply.body, dict)
        return replace(reply, body={**reply.body, **fields})

    return change


LASTING: dict[str, tuple[str, Change, FailureKind]] = {
    "look reset": ("look", faulty.RESET, FailureKind.UNREACHABLE),
    "look 500": ("look", faulty.BROKEN, FailureKind.SERVER_ERROR),
    "look page": ("look", faulty.HTML, FailureKind.SERVER_ERROR),
    "look list": ("look", faulty.LIST, FailureKind.SERVER_ERROR),
    "look 404": ("look", faulty.GONE, FailureKind.LOST),
    "look 401": ("look", faulty.UNAUTHORIZED, FailureKind.UNAUTHORIZED),
    "another job": ("look", changed(id="video_of_somebody_else_1234"), FailureKind.SERVER_ERROR),
    "odd status": ("look", changed(status="meditating"), FailureKind.SERVER_ERROR),
    "canceled there": ("look", changed(status="cancelled"), FailureKind.RENDER_FAILED),
    "content 404": ("content", faulty.GONE, FailureKind.INVALID_REQUEST),
    "content cut": ("content", faulty.HALF, FailureKind.BAD_RESULT),
    "content lies": ("content", faulty.LIE, FailureKind.BAD_RESULT),
    "content page": ("content", faulty.HTML, FailureKind.BAD_RESULT),
    "content endless": ("content", faulty.ENDLESS, FailureKind.BAD_RESULT),
    "content short": ("content", faulty.SHORT, FailureKind.BAD_RESULT),
    "content noise": ("content", faulty.NOISE, FailureKind.BAD_RESULT),
    "content empty": ("content", instead(Reply(200, b"")), FailureKind.BAD_RESULT),
    "create 400": (
        "create",
        instead(Reply(400, {"error": {"message": "no"}})),
        FailureKind.INVALID_REQUEST,
    ),
    "create 401": ("create", faulty.UNAUTHORIZED, FailureKind.UNAUTHORIZED),
    "create 429": ("create", faulty.BUSY, FailureKind.BUSY),
    "create 500": ("create", faulty.BROKEN, FailureKind.SERVER_ERROR),
    "create 502": ("create", faulty.GATEWAY, FailureKind.UNCERTAIN),
    "create reset": ("create", faulty.RESET, FailureKind.UNCERTAIN),
    "create page": ("create", faulty.HTML, FailureKind.UNCERTAIN),
    "create empty": ("create", faulty.EMPTY, FailureKind.UNCERTAIN),
    "create cut": ("create", faulty.CUT, FailureKind.UNCERTAIN),
    "create endless": ("create", faulty.ENDLESS, FailureKind.SERVER_ERROR),
}


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    root = tmp_path_factory.mktemp("passing")
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        yield {
            name: pool.submit(outcome_of, FaultyServer(once={what: [fault]}), root / name, 10.0)
            for name, (what, fault) in sorted(PASSING.items())
        }


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    root = tmp_path_factory.mktemp("lasting")
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        yield {
            name: pool.submit(outcome_of, FaultyServer(always={what: fault}), root / name, 0.3)
            for name, (what, fault, _) in sorted(LASTING.items())
        }


@pytest.mark.parametrize("name", sorted(LASTING))
def test_trouble_that_lasts_ends_the_job_with_a_reason(name: str, lasting: Outcomes) -> None:
    found, (_, _, expected) = lasting[name].result(), LASTING[name]
    assert found.error is not None
    assert found.error.failure_kind is expected, str(found.error)
    assert found.posts == (3 if name == "create 429" else 1)
    if not name.startswith("create"):
        # What may go on there is stopped; what is finished there is left.
        assert found.error.ended is (name.startswith("content") or name == "canceled there")
    said = str(found.error)
    assert len(said) > 20
    assert said[0].isupper()
    for secret in (KEY, "sk-", "127.0.0.1", "video_", "http", "<"):
        assert secret not in said


def test_a_status_that_goes_back_changes_nothing(tmp_path: Path) -> None:
    back = changed(status="queued", progress=0)
    with video_server(FaultyServer(once={"look": [lambda same: same, back]})) as wire:
        assert ArtifactRole.VIDEO in render(wire, tmp_path)


def test_where_a_key_is_honoured_an_uncertain_create_is_sent_again(tmp_path: Path) -> None:
    with video_server(FaultyServer(once={"create": [faulty.RESET, faulty.GATEWAY]})) as wire:
        assert ArtifactRole.VIDEO in render(wire, tmp_path, profile="hinode")
        keys = {one.headers["idempotency-key"] for one in wire.requests if one.method == "POST"}
        assert wire.count("POST") == 3
        assert keys == {str(SPEC.job_id)}


def test_a_server_that_is_not_there_was_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(UpstreamError) as caught:
        asyncio.run(engine_of(f"http://127.0.0.1:{port}/v1").submit(SPEC))
    assert caught.value.failure_kind is FailureKind.UNREACHABLE
    assert caught.value.not_accepted


@pytest.mark.parametrize("status", [302, 307])
def test_redirects_are_not_followed_with_a_key(status: int, tmp_path: Path) -> None:
    away = instead(Reply(status, b"", {"location": "http://127.0.0.1:9/steal"}))
    with video_server(FaultyServer(always={"create": away})) as wire:
        with pytest.raises(UpstreamError):
            render(wire, tmp_path)
        assert len(wire.requests) == 1


def test_a_parent_that_is_forgotten_there_is_sent_as_a_file(tmp_path: Path) -> None:
    source = tmp_path / "parent.mp4"
    source.write_bytes(film())
    spec = replace(
        SPEC, action=JobAction.REMIX, parent=Ticket({"id": "video_gone"}), source=source,
        catalog_model="sora-2",
    )  # fmt: skip
    server = FaultyServer(once={"create": [faulty.GONE]})
    with video_server(server) as wire:
        ticket = asyncio.run(engine_of(wire.url).submit(spec))
        paths = [one.path for one in wire.requests]
    assert paths == ["/v1/videos/video_gone/remix", "/v1/videos/edits"]
    taken = server.jobs[str(ticket.data["id"])]
    assert taken.fields["model"] == "sora-2"
    assert "video" in taken.fields


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({}, "sora-2-pro"), ({"model": "theirs"}, "theirs"), ({"profile": "sglang"}, None)],
    ids=["ours", "the operator's", "it has but one"],
)
def test_a_model_without_a_name_there_has_its_own(
    settings: dict[str, Any], expected: str | None
) -> None:
    server = FaultyServer()
    with video_server(server) as wire:
        engine = engine_of(wire.url, **settings)
        ticket = asyncio.run(engine.submit(replace(SPEC, catalog_model="sora-2-pro")))
    assert server.jobs[str(ticket.data["id"])].fields.get("model") == expected


def named(make: Callable[[str], dict[str, Any]]) -> Change:
    """A job that names a place for its result that nobody outside should reach."""

    def change(reply: Reply) -> Reply:
        return changed(**make("http://169.254.169.254/film.mp4"))(reply)

    return change


@pytest.mark.parametrize(
    "make", [lambda url: {"url": url}, lambda url: {"urls": [url]}], ids=["url", "urls"]
)
def test_results_elsewhere_are_fetched_through_the_guard(
    make: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    faults = {"look": named(make), "content": faulty.GONE}
    server = video_server(FaultyServer(always=faults))
    with server as wire, pytest.raises(UpstreamError) as caught:
        render(wire, tmp_path)
    assert caught.value.failure_kind is FailureKind.BAD_RESULT
    assert "not on the public Internet" in str(caught.value)
    assert "169.254" not in str(caught.value)


ODD_ADDRESSES = {
    "nul": "{base}/a\x00b",
    "half a pair": "/v1/\ud800",
    "lines": "{base}/a\nb",
    "long": "/v1/" + "x" * 70_000,
    "bracket": "http://[",
    "blank": "http://ex ample/",
    "port": "http://storage-7.corp.internal:99999/",
    "nobody": "http://storage-7.corp.internal/film.mp4",
}


@pytest.mark.parametrize("name", sorted(ODD_ADDRESSES))
def test_odd_addresses_of_results_end_the_job_and_name_no_host(name: str, tmp_path: Path) -> None:
    server = FaultyServer(always={"content": faulty.GONE})
    with video_server(server) as wire:
        server.always["look"] = changed(url=ODD_ADDRESSES[name].replace("{base}", wire.url))
        with pytest.raises(UpstreamError) as caught:
            render(wire, tmp_path, unreachable_timeout_seconds=0.3)
    assert caught.value.failure_kind in (FailureKind.BAD_RESULT, FailureKind.UNREACHABLE)
    assert "corp" not in str(caught.value)


@pytest.mark.parametrize(
    "odd", ["video_\ud800", "video_\x00", "video_\n"], ids=["half", "nul", "line"]
)
def test_an_id_that_is_none_is_an_answer_without_one(odd: str, tmp_path: Path) -> None:
    server = video_server(FaultyServer(always={"create": changed(id=odd)}))
    with server as wire, pytest.raises(UpstreamError) as caught:
        render(wire, tmp_path)
    assert caught.value.failure_kind is FailureKind.UNCERTAIN


def test_results_at_another_place_of_the_upstream_are_fetched(tmp_path: Path) -> None:
    server = FaultyServer(always={"content": faulty.GONE})
    with video_server(server) as wire:
        place = f"{wire.url}/videos/elsewhere/content"
        server.always["look"] = changed(url=place)
        server.jobs["elsewhere"] = finished = server_job()
        server.always["content"] = lambda reply: (
            reply if wire.requests[-1].path.endswith("elsewhere/content") else faulty.GONE(reply)
        )
        assert finished.status == "completed"
        assert ArtifactRole.VIDEO in render(wire, tmp_path)


def server_job() -> Any:
    from tests.support.upstreams.videos import LOOKS, Job

    return Job("elsewhere", "a fox", {}, "/v1/videos", looks=LOOKS)
