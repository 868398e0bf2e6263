"""The client of the Sora dialect against servers that misbehave."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from hinode.engines.remote.http import FilePart
from hinode.engines.sora import errors, tokens
from hinode.engines.sora.client import SoraClient
from hinode.engines.sora.errors import SoraClientError
from hinode.engines.sora.params import VideoParams
from hinode.engines.sora.transport import HttpTransport, ServerUrls, TransportLimits
from tests.support.hinode_process import free_port
from tests.support.hostile import Hostile, Reply, hangs, hostile, never_ends, resets, says

JWT = ".".join(base64.urlsafe_b64encode(b'{"a":"%d"}' % n).decode() for n in range(3))
PARAMS = VideoParams("a fox", 300)
Call = Callable[[SoraClient], Coroutine[Any, Any, object]]


def create(client: SoraClient) -> Coroutine[Any, Any, object]:
    return client.creation.create_video(PARAMS)


def ask(
    call: Call, *replies: Reply, limits: TransportLimits | None = None, base: str = ""
) -> tuple[object, Hostile]:
    """Let a client call a server that replies so; return what came of it."""

    async def main() -> tuple[object, Hostile]:
        async with hostile(*replies) as server:
            urls = ServerUrls.from_base(base or f"{server.url}/backend")
            async with HttpTransport(urls, limits or TransportLimits(seconds=5)) as transport:
                return await call(SoraClient(transport, JWT)), server

    return asyncio.run(main())


def failure(call: Call, *replies: Reply, **options: Any) -> SoraClientError:
    with pytest.raises(SoraClientError) as caught:
        ask(call, *replies, **options)
    assert caught.value.reason == str(caught.value)
    assert JWT not in repr(caught.value)
    return caught.value


def error(code: str | None, message: str, **more: object) -> dict[str, object]:
    return {"error": {"code": code, "message": message, "type": "t", "param": None}, **more}


BALANCE = {"rate_limit_reached": True, "access_resets_in_seconds": 3600}
ANSWERS: list[tuple[str, int, object, type[SoraClientError]]] = [
    ("invalidated", 401, error("token_invalidated", "Sign in again."), errors.TokenInvalid),
    ("expired", 401, error("token_expired", "Expired."), errors.TokenExpired),
    ("bare-401", 401, b"", errors.TokenInvalid),
    ("not-activated", 401, error("not_activated", "Unauthorized"), errors.AccountNotActivated),
    ("load", 503, error("heavy_load", "Wait."), errors.ServerOverloaded),
    ("load-said", 500, error(None, "We're under heavy load, please."), errors.ServerOverloaded),
    ("tasks", 429, error("too_many_concurrent_tasks", "Three."), errors.TooManyTasks),
    (
        "tasks-said",
        429,
        error("x", "You already have 5 generations in progress"),
        errors.TooManyTasks,
    ),
    (
        "quota",
        429,
        {"type": "rate_limit_exhausted", "rate_limit_and_credit_balance": BALANCE},
        errors.QuotaExhausted,
    ),
    ("often", 429, error("too_many_requests", "Slowly."), errors.RateLimited),
    ("refused", 400, error("invalid_request", "Hmmm."), errors.RequestRejected),
    ("plan", 403, error("plan_required", "Pro only."), errors.RequestRejected),
    ("missing", 404, error("not_found", "No."), errors.ResourceNotFound),
    ("fastapi", 422, {"detail": "n_frames is odd"}, errors.RequestRejected),
    ("text", 400, {"error": "plainly no"}, errors.RequestRejected),
    ("null", 400, {"error": None}, errors.RequestRejected),
    ("html", 403, b"<html>Just a moment...</html>", errors.RequestRejected),
]


@pytest.mark.parametrize("case", ANSWERS, ids=[name for name, *_ in ANSWERS])
def test_every_refusal_has_its_exception(
    case: tuple[str, int, object, type[SoraClientError]],
) -> None:
    _, status, body, kind = case

    told = failure(create, says(status, body))

    assert type(told) is kind
    assert (told.status, told.may_have_executed) == (status, False)
    assert told.reason


def test_a_refusal_carries_the_facts_that_help() -> None:
    quota = {"type": "rate_limit_exhausted", "rate_limit_and_credit_balance": BALANCE}
    exhausted = failure(create, says(429, {**quota, **error("x", "Nothing left.")}))
    assert isinstance(exhausted, errors.QuotaExhausted)
    assert (exhausted.resets_in, exhausted.reason) == (3600, "Nothing left.")

    slow = failure(create, says(429, error("too_many_requests", "Slowly."), "retry-after: 7"))
    assert (slow.retry_after, slow.code) == (7, "too_many_requests")


def test_reasons_are_fit_to_be_shown() -> None:
    nasty = f"Bad\r\n\x1b[31m token {JWT}\u202e of sk-abcdefghijkl\0 " + "x" * 1000

    told = failure(create, says(400, error(JWT, nasty)))

    assert told.reason.startswith("Bad [31m token *** of *** xxx")
    assert len(told.reason) == 300
    assert told.code == "***"


BROKEN: list[tuple[str, Reply, type[SoraClientError]]] = [
    ("html", says(200, b"<!doctype html><p>hi"), errors.SoraInvalidResponse),
    ("empty", says(200, b""), errors.SoraInvalidResponse),
    ("accepted-empty", says(204, b""), errors.SoraInvalidResponse),
    ("half", says(200, b'{"id": "task_'), errors.SoraInvalidResponse),
    ("deep", says(200, b"[" * 100_000), errors.SoraInvalidResponse),
    ("nan", says(200, b'{"id": "a", "x": NaN}'), errors.SoraInvalidResponse),
    ("list", says(200, ["task_1"]), errors.SoraInvalidResponse),
    ("no-id", says(200, {"ok": True}), errors.SoraInvalidResponse),
    ("blank-id", says(200, {"id": ""}), errors.SoraInvalidResponse),
    ("number-id", says(200, {"id": 7}), errors.SoraInvalidResponse),
    ("redirect", says(302, b"", "location: http://127.0.0.1:1/"), errors.SoraInvalidResponse),
    ("packed", says(200, b"\x1f\x8b", "content-encoding: gzip"), errors.SoraInvalidResponse),
    ("endless", never_ends, errors.SoraInvalidResponse),
    ("short", says(200, b'{"id":', length=500), errors.ServerUnreachable),
    ("reset", resets, errors.ServerUnreachable),
    ("gateway", says(502, b"<html>Bad gateway</html>"), errors.ServerError),
    ("gateway-late", says(504, b""), errors.ServerError),
]


@pytest.mark.parametrize("case", BROKEN, ids=[name for name, *_ in BROKEN])
def test_what_may_have_been_taken_says_so_and_is_not_sent_again(
    case: tuple[str, Reply, type[SoraClientError]],
) -> None:
    _, reply, kind = case

    async def main() -> None:
        async with (
            hostile(reply) as server,
            HttpTransport(ServerUrls.from_base(server.url), TransportLimits(5)) as transport,
        ):
            with pytest.raises(kind) as caught:
                await SoraClient(transport, JWT).creation.create_video(PARAMS)
            assert type(caught.value) is kind
            assert caught.value.may_have_executed
            assert len(server.requests) == 1

    asyncio.run(main())


def test_a_silent_server_is_given_up_in_time() -> None:
    told = failure(create, hangs, limits=TransportLimits(seconds=0.2))
    assert isinstance(told, errors.ServerUnreachable)
    assert told.may_have_executed
    assert "in time" in told.reason


@pytest.mark.parametrize("base", ["closed port", "http://no-such-host.invalid"])
def test_what_was_never_sent_can_be_sent_elsewhere(base: str) -> None:
    urls = f"http://127.0.0.1:{free_port()}" if base == "closed port" else base
    told = failure(create, hangs, base=urls)
    assert isinstance(told, errors.ServerUnreachable)
    assert not told.may_have_executed


@pytest.mark.parametrize("base", ["ftp://x", "x", ""])
def test_a_base_is_a_web_address(base: str) -> None:
    with pytest.raises(ValueError, match="http"):
        ServerUrls.from_base(base)


def test_a_request_says_who_asks_and_nothing_else() -> None:
    _, server = ask(create, says(200, {"id": "task_1"}))

    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/backend/nf/create")
    assert request.headers["authorization"] == f"Bearer {JWT}"
    assert request.headers["user-agent"].startswith("hinode/")
    assert not [name for name in request.headers if "sentinel" in name or name == "cookie"]
    assert json.loads(request.body)["n_frames"] == 300


def test_cookies_of_a_server_are_not_kept() -> None:
    async def twice(client: SoraClient) -> None:
        await client.account.bootstrap()
        await client.account.bootstrap()

    _, server = ask(twice, says(200, {}, "set-cookie: account=one; path=/"))

    assert ["cookie" in request.headers for request in server.requests] == [False, False]


def test_ids_of_a_server_stay_one_part_of_a_path() -> None:
    _, server = ask(lambda client: client.posts.delete("../me?x=1#"), says(204, b""))
    assert server.requests[0].target == "/backend/project_y/post/%2E%2E%2Fme%3Fx%3D1%23"


@pytest.mark.parametrize("body", [{}, None, {"accessToken": None}, {"accessToken": ""}])
def test_a_session_without_a_token_is_no_session(body: object) -> None:
    async def main() -> None:
        async with (
            hostile(says(200, body)) as server,
            HttpTransport(ServerUrls.from_base(server.url)) as transport,
        ):
            with pytest.raises((errors.TokenInvalid, errors.SoraInvalidResponse)):
                await tokens.session(transport, "st")
            assert server.requests[0].target == "/api/auth/session"
            assert server.requests[0].headers["cookie"] == f"{tokens.COOKIE}=st"

    asyncio.run(main())


def test_a_refused_refresh_is_told_without_the_token() -> None:
    body = {"error": "invalid_grant", "error_description": "r-secret-token was used before"}

    async def main() -> None:
        async with (
            hostile(says(400, body)) as server,
            HttpTransport(ServerUrls.from_base(server.url)) as transport,
        ):
            with pytest.raises(errors.TokenInvalid) as caught:
                await tokens.refresh(transport, "r-secret-token")
            assert caught.value.reason == "*** was used before"
            assert server.requests[0].target == "/oauth/token"

    asyncio.run(main())


def test_a_form_carries_the_file_and_the_text(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"PNG bytes")
    file = FilePart(picture, "image.png", "image/png")

    made, server = ask(
        lambda client: client.creation.upload_picture(file), says(200, {"id": "media_1"})
    )

    assert made == "media_1"
    (request,) = server.requests
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    for piece in (b'name="file"; filename="image.png"', b"PNG bytes", b'name="file_name"'):
        assert piece in request.body
