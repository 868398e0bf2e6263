"""A moderator that answers anything: no verdict is the dialect's own refusal, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from structlog.testing import capture_logs

from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Scope
from hinode.testing.server import LiveServer
from tests.support import sora_creation as sora
from tests.support import tasks
from tests.support.accounts import account_with, client_with, operator_client
from tests.support.hostile import Hostile, Reply, hangs, hostile, never_ends, resets, says
from tests.support.live import open_live, wait_until_ended

PROMPT = "a vixen that nobody may read of"
ALLOW = {"verdict": "allow"}
ELSEWHERE = "location: http://127.0.0.1:9/latest/meta-data"
NO_VERDICT: dict[str, Reply] = {
    "nothing": hangs,
    "a reset": resets,
    "a body without end": never_ends,
    "a body that ends early": says(200, b'{"verdict": "al', length=100),
    "a body of a petabyte": says(200, b'{"verdict": "allow"', length=10**15),
    "a page": says(200, b"<html>allow</html>"),
    "bytes": says(200, b'{"verdict": "allow", "reason": "\xff"}'),
    "an unknown verdict": says(200, {"verdict": "maybe"}),
    "a verdict of another type": says(200, {"verdict": True}),
    "an error": says(500, ALLOW),
    "another success": says(201, ALLOW),
    "a redirect": says(307, ALLOW, ELSEWHERE),
    "compressed": says(200, b"\x1f\x8b\x08" + bytes(100), "content-encoding: gzip"),
}
CREATES = [
    ("/v1/videos", {"prompt": PROMPT}, "moderation_unavailable"),
    ("/v1/images/generations", {"prompt": PROMPT}, "moderation_unavailable"),
    (
        "/v1/chat/completions",
        {"model": "sora-2", "messages": [{"role": "user", "content": PROMPT}]},
        "moderation_unavailable",
    ),
    ("/v1/videos/generations", tasks.task_body(PROMPT), "upstream_error"),
    ("/backend/nf/create", {**sora.CREATE, "prompt": PROMPT}, "heavy_load"),
    ("/backend/video_gen", {**sora.PICTURE, "prompt": PROMPT}, "heavy_load"),
]  # fmt: skip


async def late(writer: Any) -> None:
    """Answer the head of a verdict at once, and its body after what other receivers have."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(2.2)
    writer.write(b'{"verdict": "allow"}')
    await writer.drain()


def with_moderator(check: Callable[[Hostile, LiveServer], None], data: Path, **given: Any) -> None:
    """Run a check beside a server with a moderator whose ``replies`` the check may change."""

    def serve(moderator: Hostile) -> None:
        settings = {"url": f"{moderator.url}/review", "timeout_seconds": 0.5, **given}
        with open_live(data, workers=True, moderation=settings) as server:
            check(moderator, server)

    async def run() -> None:
        async with hostile(says(200, ALLOW)) as moderator:
            await asyncio.to_thread(serve, moderator)

    asyncio.run(run())


@contextmanager
def maker(server: LiveServer, path: str = "/v1") -> Iterator[httpx.Client]:
    account = account_with(server.services, credits=1000)
    new = KeyCreate(account, "k", frozenset(Scope) - {Scope.ADMIN})
    secret = server.services.core.keys.create(new).secret
    with client_with(server, secret, path) as client:
        yield client


def reviews(server: LiveServer, video_id: str) -> list[tuple[str, str, str, list[str]]]:
    with operator_client(server) as admin:
        found = admin.get(f"/admin/jobs/{video_id}").json()["moderation"]
    return [(one["stage"], one["verdict"], one["reason"], one["labels"]) for one in found]


def test_without_a_verdict_every_create_is_refused_as_its_dialect_does(tmp_path: Path) -> None:
    def check(moderator: Hostile, server: LiveServer) -> None:
        with maker(server, "") as client, operator_client(server) as admin:
            for name, reply in NO_VERDICT.items():
                moderator.replies[:] = [reply]
                for path, body, code in CREATES if name == "an error" else CREATES[:1]:
                    refused = client.post(path, json=body)
                    assert refused.status_code == 503, (name, path, refused.text)
                    assert refused.headers["retry-after"] == "10"
                    assert refused.json()["error"]["code"] == code
                    assert PROMPT not in refused.text
                assert client.get("/v1/videos").json()["data"] == []
            assert admin.get("/admin/jobs").json()["data"] == []

    with capture_logs() as told:
        with_moderator(check, tmp_path)
    failed = [one for one in told if one["event"] == "moderation failed"]
    assert len(failed) == len(NO_VERDICT) + len(CREATES) - 1
    assert PROMPT not in str(told)
    assert not [one for one in told if one["log_level"] == "error"]


def test_without_a_verdict_creates_pass_where_the_operator_says_so(tmp_path: Path) -> None:
    def check(moderator: Hostile, server: LiveServer) -> None:
        with maker(server) as client:
            for name, reply in NO_VERDICT.items():
                moderator.replies[:] = [reply]
                made = client.post("/videos", json={"prompt": PROMPT}).json()
                ((stage, verdict, _, _),) = reviews(server, made["id"])
                assert (stage, verdict) == ("create", "unreviewed"), name
                client.delete(f"/videos/{made['id']}")

    with_moderator(check, tmp_path, on_failure="allow", stages=("create",))


def test_texts_that_no_database_stores_do_not_hide_a_verdict(tmp_path: Path) -> None:
    def check(moderator: Hostile, server: LiveServer) -> None:
        cut = says(200, {"verdict": "flag", "reason": "\ud83d", "labels": ["a\udfff\0"]})
        block = says(200, {"verdict": "block", "reason": "\ud83d"})
        with maker(server) as client:
            for last, ends in ((cut, "completed"), (block, "failed")):
                moderator.requests.clear()
                moderator.replies[:] = [cut, last]
                made = client.post("/videos", json={"prompt": PROMPT})
                video = wait_until_ended(client, made.json()["id"])
                assert video["status"] == ends, video
                first, second = reviews(server, video["id"])
                assert first == ("create", "flag", "?", ["a?\0"])
                assert second[2] == "?"
            assert video["error"]["code"] == "moderation_blocked"

    with_moderator(check, tmp_path, timeout_seconds=10)


def test_a_verdict_may_take_its_time_after_its_head(tmp_path: Path) -> None:
    def check(moderator: Hostile, server: LiveServer) -> None:
        moderator.replies[:] = [late]
        with maker(server) as client:
            made = client.post("/videos", json={"prompt": PROMPT})
        assert made.status_code == 200, made.text

    with_moderator(check, tmp_path, timeout_seconds=10, stages=("create",))
