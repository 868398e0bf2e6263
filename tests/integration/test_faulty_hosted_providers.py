"""Paid providers that do everything wrong: each job ends, is sent once, and destroys nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from hinode.engines.base import ArtifactRole, RenderContext
from hinode.engines.remote.errors import FailureKind, UpstreamError
from tests.support.upstreams import faulty
from tests.support.upstreams.faulty import Change, instead
from tests.support.upstreams.gemini import GeminiServer
from tests.support.upstreams.hosted import HostedServer, hosted_server
from tests.support.upstreams.providers import CASES, Case
from tests.support.upstreams.videos import KEY
from tests.support.upstreams.wire import Reply, WireServer

ENDED_WITHIN = 20.0
RUNWAY = CASES[0]
GEMINI = next(one for one in CASES if one.kind == "gemini")
QUICK = {
    "unreachable_timeout_seconds": 1.0,
    "response_timeout_seconds": 5.0,
    "download_timeout_seconds": 5.0,
    "retry_backoff_seconds": 0.01,
    "max_result_mb": 1,
}
each_kind = pytest.mark.parametrize("case", CASES, ids=lambda one: one.kind)


def render(
    case: Case, wire: WireServer, folder: Path, prompt: str = "a fox", **settings: Any
) -> list[ArtifactRole]:
    async def run() -> list[ArtifactRole]:
        engine, spec = case.engine(wire.url, **{**QUICK, **settings}), case.spec(prompt)
        async with asyncio.timeout(ENDED_WITHIN):
            ticket = await engine.submit(spec)
            context = RenderContext(spec, folder, lambda _: None)
            return [one.role for one in await engine.collect(ticket, context)]

    return asyncio.run(run())


def failure(case: Case, server: HostedServer, folder: Path, prompt: str = "a fox") -> UpstreamError:
    """Render on a server that does not, and return why it says that it did not."""
    with hosted_server(server) as wire:
        with pytest.raises(UpstreamError) as caught:
            render(case, wire, folder, prompt)
        assert wire.count("POST") <= len(server.jobs) + 3
    said = str(caught.value)
    assert len(said) > 20
    for secret in (KEY, "127.0.0.1", "bucket", "<"):
        assert secret not in said
    assert server.destroyed == []
    return caught.value


def changed(**fields: Any) -> Change:
    def change(reply: Reply) -> Reply:
        assert isinstance(reply.body, dict)
        return replace(reply, body={**reply.body, **fields})

    return change


PASSING: dict[str, tuple[str, Change]] = {
    "look reset": ("look", faulty.RESET),
    "look 500": ("look", faulty.BROKEN),
    "look 429": ("look", faulty.BUSY),
    "look page": ("look", faulty.HTML),
    "look list": ("look", faulty.LIST),
    "look cut": ("look", faulty.CUT),
    "look 404": ("look", faulty.GONE),
    "look back": ("look", changed(status="PENDING")),
    "content 500": ("content", faulty.BROKEN),
    "content cut": ("content", faulty.HALF),
    "content expired": ("content", instead(Reply(403, b"<Error>Request has expired</Error>"))),
    "create 429": ("create", faulty.BUSY),
}


@pytest.mark.parametrize("name", sorted(PASSING))
def test_trouble_that_passes_does_no_harm(name: str, tmp_path: Path) -> None:
    what, fault = PASSING[name]
    server = RUNWAY.server(once={what: [fault]})
    with hosted_server(server) as wire:
        assert ArtifactRole.VIDEO in render(RUNWAY, wire, tmp_path)
        assert wire.count("POST") == (2 if what == "create" else 1)
    assert server.destroyed == []


IN_A_ROW: dict[str, list[Change]] = {
    # What is no job at all ends a wait after four in a row, so none follow each other here.
    "look": [faulty.HTML, faulty.RESET, faulty.LIST, faulty.BROKEN, faulty.GONE, faulty.BUSY],
    "content": [faulty.BROKEN, faulty.HALF, instead(Reply(403, b"<Error>Expired</Error>"))],
    "create": [faulty.BUSY],
}


@each_kind
def test_all_trouble_that_passes_does_no_harm_to_any_kind(case: Case, tmp_path: Path) -> None:
    server = case.server(once={what: list(faults) for what, faults in IN_A_ROW.items()})
    with hosted_server(server) as wire:
        assert ArtifactRole.VIDEO in render(case, wire, tmp_path)
        assert wire.count("POST") == 2  # the create that was too much at once, and the one taken
        assert server.once == {"look": [], "content": [], "create": []}
    assert server.destroyed == []


LASTING: dict[str, tuple[str, Change, FailureKind]] = {
    "look reset": ("look", faulty.RESET, FailureKind.UNREACHABLE),
    "look page": ("look", faulty.HTML, FailureKind.SERVER_ERROR),
    "look 404": ("look", faulty.GONE, FailureKind.LOST),
    "look 401": ("look", faulty.UNAUTHORIZED, FailureKind.UNAUTHORIZED),
    "another task": ("look", changed(id="another"), FailureKind.SERVER_ERROR),
    "odd status": ("look", changed(status="MEDITATING"), FailureKind.SERVER_ERROR),
    "unknown": ("look", changed(status="UNKNOWN"), FailureKind.LOST),
    "canceled there": ("look", changed(status="CANCELLED"), FailureKind.RENDER_FAILED),
    "no video": ("look", changed(status="SUCCEEDED", output=[]), FailureKind.BAD_RESULT),
    "a video inside": (
        "look",
        changed(status="SUCCEEDED", output=["http://169.254.169.254/latest"]),
        FailureKind.BAD_RESULT,
    ),
    "content 404": ("content", instead(Reply(404, b"gone")), FailureKind.BAD_RESULT),
    "content page": ("content", faulty.HTML, FailureKind.BAD_RESULT),
    "content noise": ("content", faulty.NOISE, FailureKind.BAD_RESULT),
    "create 500": ("create", faulty.BROKEN, FailureKind.SERVER_ERROR),
    "create 502": ("create", faulty.GATEWAY, FailureKind.UNCERTAIN),
    "create 503 page": ("create", instead(Reply(503, b"<html>")), FailureKind.UNCERTAIN),
    "create 503": ("create", instead(Reply(503, {"error": "overloaded"})), FailureKind.BUSY),
    "create reset": ("create", faulty.RESET, FailureKind.UNCERTAIN),
    "create page": ("create", faulty.HTML, FailureKind.UNCERTAIN),
    "create empty": ("create", faulty.EMPTY, FailureKind.UNCERTAIN),
    "create cut": ("create", faulty.CUT, FailureKind.UNCERTAIN),
}


@pytest.mark.parametrize("name", sorted(LASTING))
def test_trouble_that_lasts_ends_the_job_with_a_reason(name: str, tmp_path: Path) -> None:
    what, fault, expected = LASTING[name]
    server = RUNWAY.server(always={what: fault})
    assert failure(RUNWAY, server, tmp_path).failure_kind is expected
    assert len(server.jobs) == 1  # whatever was answered, it was sent once


OF_RUNWAY = {
    "another task", "odd status", "unknown", "canceled there", "no video", "a video inside",
}  # fmt: skip
"""Those that change a field of Runway's own."""


@pytest.mark.full
@each_kind
@pytest.mark.parametrize("name", sorted(LASTING.keys() - OF_RUNWAY))
def test_trouble_that_lasts_ends_the_job_of_any_kind(case: Case, name: str, tmp_path: Path) -> None:
    what, fault, expected = LASTING[name]
    server = case.server(always={what: fault})
    assert failure(case, server, tmp_path).failure_kind is expected
    assert len(server.jobs) == 1


@each_kind
@pytest.mark.parametrize(
    ("word", "expected", "code"),
    [
        ("[refuse]", FailureKind.MODERATION, "moderation_blocked"),
        ("[moderated]", FailureKind.MODERATION, "moderation_blocked"),
        ("[poor]", FailureKind.QUOTA, "upstream_quota"),
        ("[busy]", FailureKind.BUSY, "upstream_busy"),
        ("[fail]", FailureKind.RENDER_FAILED, "upstream_failed"),
    ],
    ids=lambda one: str(one).strip("[]"),
)
def test_content_credits_and_capacity_are_told_apart(
    case: Case, word: str, expected: FailureKind, code: str, tmp_path: Path
) -> None:
    error = failure(case, case.server(), tmp_path, f"a fox {word}")
    assert (error.failure_kind, error.code) == (expected, code)


@each_kind
def test_what_a_job_cost_there_comes_with_its_video(case: Case, tmp_path: Path) -> None:
    async def run(url: str) -> list[int | None]:
        engine, spec = case.engine(url, **QUICK), case.spec()
        ticket = await engine.submit(spec)
        found = await engine.collect(ticket, RenderContext(spec, tmp_path, lambda _: None))
        return [one.cost for one in found]

    with hosted_server(case.server()) as wire:
        assert asyncio.run(run(wire.url)) == [case.cost, None, None]


@each_kind
def test_a_key_that_is_not_accepted_is_told_as_such(case: Case, tmp_path: Path) -> None:
    with hosted_server(case.server()) as wire:
        with pytest.raises(UpstreamError) as caught:
            render(case, wire, tmp_path, key="sk-another-key")
        assert wire.count("POST") == 1
    assert caught.value.failure_kind is FailureKind.UNAUTHORIZED


@each_kind
def test_a_job_that_is_gone_is_lost(case: Case, tmp_path: Path) -> None:
    def forget(reply: Reply) -> Reply:
        server.jobs.clear()
        return reply

    server = case.server(once={"create": [forget]})
    assert failure(case, server, tmp_path).failure_kind is FailureKind.LOST


@each_kind
def test_an_uncertain_create_is_never_sent_again(case: Case, tmp_path: Path) -> None:
    server = case.server(always={"create": faulty.RESET})
    assert failure(case, server, tmp_path).failure_kind is FailureKind.UNCERTAIN
    assert len(server.jobs) == 1


@each_kind
def test_a_cancel_destroys_no_result(case: Case, tmp_path: Path) -> None:
    """Neither one that comes late, nor one of a job whose status cannot be read."""

    async def run(url: str) -> None:
        engine, spec = case.engine(url, **QUICK), case.spec()
        ticket = await engine.submit(spec)
        await engine.collect(ticket, RenderContext(spec, tmp_path, lambda _: None))
        await engine.cancel(ticket)
        server.always["look"] = faulty.HTML
        await engine.cancel(ticket)

    server = case.server()
    with hosted_server(server) as wire:
        asyncio.run(run(wire.url))
        changes = [one for one in wire.requests if one.method != "GET"]
        assert len(changes) == 1
    assert server.destroyed == []


def test_a_video_inside_an_answer_is_taken_from_it(tmp_path: Path) -> None:
    with hosted_server(GeminiServer(inline=True)) as wire:
        assert ArtifactRole.VIDEO in render(GEMINI, wire, tmp_path)
        assert wire.count("GET", "/api/files") == 0


def test_a_file_that_lies_elsewhere_is_fetched_without_the_key(tmp_path: Path) -> None:
    """The stand-in's other host refuses a request that has one."""
    server = GeminiServer()

    def elsewhere(_: Reply) -> Reply:
        return Reply(302, b"", {"location": server.link()})

    server.once["content"] = [elsewhere]
    with hosted_server(server) as wire:
        assert ArtifactRole.VIDEO in render(GEMINI, wire, tmp_path)
        assert (wire.count("GET", "/api/files"), wire.count("GET", "/bucket")) == (1, 1)


@pytest.mark.parametrize("status", ["budget_exceeded", "incomplete", "requires_action"])
def test_an_interaction_that_makes_no_video_has_failed(status: str, tmp_path: Path) -> None:
    server = GeminiServer(always={"look": changed(status=status)})
    assert failure(GEMINI, server, tmp_path).failure_kind is FailureKind.RENDER_FAILED


def test_no_line_of_the_log_has_the_key(tmp_path: Path) -> None:
    server = RUNWAY.server(once={"look": [faulty.BROKEN, faulty.UNAUTHORIZED]})
    with capture_logs() as lines, hosted_server(server) as wire:
        render(RUNWAY, wire, tmp_path)
    assert len(lines) >= 2
    assert KEY not in str(lines)
