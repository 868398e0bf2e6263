"""Sessions of the Sora dialect and their tokens: renewal, rotation, and their ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer
from tests.support.clock import suite_clock
from tests.support.people import (
    COOKIE,
    client_of,
    new_account,
    refused,
    server_with,
)
from tests.support.sora_sessions import PASSWORD, SESSION, claims, grant, me, renewed, signed_up

USER = ["email", "iat", "id", "idp", "image", "mfa", "name", "picture"]
ACCOUNT = [
    "gracePeriodId", "id", "isDelinquent", "organizationId", "planType", "structure",
    "workspaceType",
]  # fmt: skip
TEN_DAYS = 10 * 24 * 3600


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return suite_clock()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, clock: FakeClock) -> Iterator[LiveServer]:
    """A server where everybody may sign up, and whose time we move."""
    with server_with(tmp_path_factory.mktemp("tokens"), clock, signup="open") as made:
        yield made


@pytest.fixture
def door(server: LiveServer, clock: FakeClock) -> Iterator[httpx.Client]:
    """A client without any token; tries of other tests are forgotten."""
    clock.advance(timedelta(minutes=2))
    with client_of(server, None) as client:
        yield client


@pytest.mark.from_captured_traffic
def test_a_session_has_its_documented_shape(door: httpx.Client) -> None:
    opened = signed_up(door, username="shape.1")

    found = renewed(door, opened["session_token"])

    assert found.headers["cache-control"] == "no-store"
    session = found.json()
    assert sorted(session) == SESSION
    assert sorted(session["user"]) == USER
    assert sorted(session["account"]) == ACCOUNT
    assert session["user"]["name"] == "shape.1"
    assert session["account"]["planType"] == "free"
    expires = datetime.fromisoformat(session["expires"])
    assert expires.timestamp() == claims(session["accessToken"])["exp"]
    assert me(door, session["accessToken"]).json()["email"] == session["user"]["email"]


@pytest.mark.from_captured_traffic
def test_an_access_token_says_what_clients_read(door: httpx.Client, server: LiveServer) -> None:
    opened = signed_up(door)

    found = claims(opened["accessToken"])
    person = me(door, opened["accessToken"]).json()

    assert found["https://api.openai.com/profile"]["email"] == person["email"]
    assert found["https://api.openai.com/auth"] == {
        "user_id": person["id"], "chatgpt_plan_type": "free",
    }  # fmt: skip
    assert found["exp"] - found["iat"] == TEN_DAYS
    (key,) = door.get("/.well-known/jwks.json").json()["keys"]
    header = jwt.get_unverified_header(opened["accessToken"])
    assert (header["alg"], header["kid"]) == ("RS256", key["kid"])
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}
    public = jwt.PyJWK(key)
    options: Any = {"verify_exp": False, "verify_iat": False}
    assert jwt.decode(
        opened["accessToken"], public, algorithms=["RS256"], audience="hinode", options=options
    ) == found  # fmt: skip


def test_the_session_route_by_other_means(door: httpx.Client) -> None:
    opened = signed_up(door)
    bearer = {"authorization": f"Bearer {opened['accessToken']}"}

    assert door.get("/api/auth/session").json() == {}
    by_token = door.get("/api/auth/session", headers=bearer).json()
    assert by_token["user"] == opened["user"]
    refused(renewed(door, "st_nobodys"), 401, "token_invalidated")
    refused(renewed(door, "x" * 5_000), 401, "token_invalidated")
    bad = {"authorization": "Bearer nonsense"}
    refused(door.get("/api/auth/session", headers=bad), 401, "token_invalidated")


@pytest.mark.from_captured_traffic
@pytest.mark.parametrize("kind", ["json", "data"])
def test_a_refresh_token_turns_over(door: httpx.Client, kind: str) -> None:
    opened = signed_up(door)

    first = door.post("/oauth/token", **{kind: grant(opened["refresh_token"])})  # type: ignore[arg-type]
    second = door.post("/oauth/token", json=grant(first.json()["refresh_token"])).json()

    assert first.status_code == 200
    assert {name: type(value) for name, value in first.json().items()} == {
        "access_token": str, "refresh_token": str, "expires_in": int, "token_type": str,
    }  # fmt: skip
    assert (first.json()["expires_in"], first.json()["token_type"]) == (TEN_DAYS, "Bearer")
    tokens = {opened["refresh_token"], first.json()["refresh_token"], second["refresh_token"]}
    assert len(tokens) == 3
    assert me(door, second["access_token"]).status_code == 200
    assert renewed(door, opened["session_token"]).status_code == 200


def test_a_used_refresh_token_ends_its_session(door: httpx.Client) -> None:
    opened, other = signed_up(door), signed_up(door)
    newest = door.post("/oauth/token", json=grant(opened["refresh_token"])).json()

    refused(door.post("/oauth/token", json=grant(opened["refresh_token"])), 400, "invalid_grant")

    refused(me(door, newest["access_token"]), 401, "token_invalidated")
    refused(renewed(door, opened["session_token"]), 401, "token_invalidated")
    refused(door.post("/oauth/token", json=grant(newest["refresh_token"])), 400, "invalid_grant")
    assert me(door, other["accessToken"]).status_code == 200


def test_a_guessed_refresh_token_ends_nothing(door: httpx.Client) -> None:
    opened = signed_up(door)
    family, proof, turn = opened["refresh_token"].split(".")
    stranger = signed_up(door)["refresh_token"].split(".")[1]

    for token in (
        f"{family}.{stranger}.{turn}",
        f"{family}..{turn}",
        family,
        f"rt_zz.{proof}.{turn}",
        "é" * 300,
        "x" * 900,
    ):
        refused(door.post("/oauth/token", json=grant(token)), 400, "invalid_grant")

    assert me(door, opened["accessToken"]).status_code == 200
    assert door.post("/oauth/token", json=grant(opened["refresh_token"])).status_code == 200


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "refresh_token"),
        ({"refresh_token": None}, "refresh_token"),
        ({"refresh_token": 5}, "refresh_token"),
        ({"grant_type": "password", "refresh_token": "x"}, "grant_type"),
    ],
    ids=["missing", "null", "number", "grant"],
)
def test_malformed_grants_are_refused(
    door: httpx.Client, body: dict[str, object], param: str
) -> None:
    assert refused(door.post("/oauth/token", json=body), 400, "invalid_request")["param"] == param


@pytest.mark.from_captured_traffic
def test_an_access_token_expires_and_the_session_later(
    door: httpx.Client, clock: FakeClock
) -> None:
    opened = signed_up(door)

    clock.advance(timedelta(days=10, minutes=1))

    refused(me(door, opened["accessToken"]), 401, "token_expired")
    assert renewed(door, opened["session_token"]).status_code == 200
    clock.advance(timedelta(days=91))
    refused(renewed(door, opened["session_token"]), 401, "token_invalidated")
    refused(door.post("/oauth/token", json=grant(opened["refresh_token"])), 400, "invalid_grant")


def test_no_access_token_outlives_its_session(door: httpx.Client, clock: FakeClock) -> None:
    opened = signed_up(door)
    token = opened["accessToken"]
    for _ in range(10):
        clock.advance(timedelta(days=9) - timedelta(minutes=2))
        bearer = {"authorization": f"Bearer {token}"}
        token = door.get("/api/auth/session", headers=bearer).json()["accessToken"]

    found = claims(token)
    assert found["exp"] - found["iat"] <= 1200


def lifetime(token: str) -> timedelta:
    found = claims(token)
    return timedelta(seconds=found["exp"] - found["iat"])


@pytest.mark.parametrize("days", [2, 30, 90, 365])
@pytest.mark.parametrize("by", ["cookie", "refresh"])
def test_a_session_keeps_the_days_it_was_made_with(
    door: httpx.Client, server: LiveServer, clock: FakeClock, by: str, days: int
) -> None:
    services, wanted = server.services, timedelta(days=days)
    opened = services.core.sessions.issue(new_account(services), wanted)
    access, refresh = opened.access.secret, opened.refresh or ""

    for wait in (timedelta(minutes=5), timedelta(hours=30), wanted, wanted, timedelta(days=80)):
        assert lifetime(access) == wanted
        clock.advance(wait)
        if by == "cookie":
            access = renewed(door, opened.cookie or "").json()["accessToken"]
        else:
            answer = door.post("/oauth/token", json=grant(refresh)).json()
            access, refresh = answer["access_token"], answer["refresh_token"]
            assert answer["expires_in"] == wanted.total_seconds()
        assert me(door, access).status_code == 200
    assert lifetime(access) == wanted


@pytest.mark.parametrize("by", ["cookie", "refresh"])
def test_a_program_that_renews_once_a_day_never_loses_its_account(
    door: httpx.Client, clock: FakeClock, by: str
) -> None:
    """It renews at midnight what lasts less than a day, and gives up if that does not help."""
    opened = signed_up(door)
    access, refresh = opened["accessToken"], opened["refresh_token"]

    for _ in range(200):
        assert me(door, access).status_code == 200
        clock.advance(timedelta(days=1))
        if claims(access)["exp"] - clock.now().timestamp() > timedelta(days=1).total_seconds():
            continue
        if by == "cookie":
            access = renewed(door, opened["session_token"]).json()["accessToken"]
        else:
            answer = door.post("/oauth/token", json=grant(refresh)).json()
            access, refresh = answer["access_token"], answer["refresh_token"]
        assert lifetime(access) > timedelta(days=2)


def test_a_short_session_is_prolonged_by_use_and_ends_without(tmp_path: Path) -> None:
    clock = suite_clock()
    with (
        server_with(tmp_path, clock, signup="open", session_days=0.5) as server,
        client_of(server, None) as door,
    ):
        opened = signed_up(door)
        for _ in range(5):
            clock.advance(timedelta(hours=8))
            token = renewed(door, opened["session_token"]).json()["accessToken"]
            assert lifetime(token) == timedelta(hours=12)
        clock.advance(timedelta(hours=13))
        refused(renewed(door, opened["session_token"]), 401, "token_invalidated")


def test_no_renewal_prolongs_a_session_that_was_ended(
    door: httpx.Client, server: LiveServer, clock: FakeClock
) -> None:
    name = new_account(server.services)
    opened = server.services.core.sessions.issue(name, timedelta(days=5))
    clock.advance(timedelta(days=3))
    server.services.core.sessions.end_all(name)

    refused(renewed(door, opened.cookie or ""), 401, "token_invalidated")


def test_tokens_of_other_makers_are_refused(door: httpx.Client) -> None:
    opened = signed_up(door)
    said = claims(opened["accessToken"])
    header = jwt.get_unverified_header(opened["accessToken"])
    head, payload, signature = opened["accessToken"].split(".")
    (key,) = door.get("/.well-known/jwks.json").json()["keys"]

    for forged in (
        jwt.encode(said, None, "none"),  # type: ignore[arg-type]
        jwt.encode(said, key["n"], "HS256", headers={"kid": header["kid"]}),
        f"{head}.{payload}.{signature[:-8]}AAAAAAAA",
        f"{head}.{payload}.",
    ):
        refused(me(door, forged), 401, "token_invalidated")


@pytest.mark.parametrize("exp", [10**18, -(10**18), 1.5, "soon"])
def test_an_end_that_no_calendar_has_is_no_end(
    door: httpx.Client, server: LiveServer, exp: object
) -> None:
    said = claims(signed_up(door)["accessToken"])

    token = server.services.core.sessions.keys.sign({**said, "exp": exp})

    refused(me(door, token), 401, "token_invalidated")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "else"])
@pytest.mark.parametrize("route", ["login", "signup", "logout"])
def test_pages_of_other_origins_set_and_end_no_session(
    door: httpx.Client, route: str, site: str
) -> None:
    opened = signed_up(door)
    form = {"email": opened["user"]["email"], "password": PASSWORD}

    for mode in ("navigate", "cors"):
        sent = {"sec-fetch-site": site, "sec-fetch-mode": mode}
        answer = door.post(f"/api/auth/{route}", data=form, headers=sent)

        refused(answer, 401, "login_refused")
        assert "set-cookie" not in answer.headers
    for own in ("same-origin", "none"):
        sent = {"sec-fetch-site": own, "sec-fetch-mode": "navigate"}
        assert door.post("/api/auth/login", data=form, headers=sent).status_code == 200


def test_sessions_and_tokens_are_answered_whatever_page_asks(door: httpx.Client) -> None:
    opened = signed_up(door)
    foreign = {
        "origin": "https://sora.example", "referer": "https://sora.example/drafts",
        "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty",
    }  # fmt: skip
    cookie = {"cookie": f"{COOKIE}={opened['session_token']}"}
    session = door.get("/api/auth/session", headers={**foreign, **cookie})
    body = {"grant_type": "refresh_token", "refresh_token": opened["refresh_token"]}
    token = door.post("/oauth/token", json=body, headers=foreign)

    assert session.status_code == 200
    assert session.json()["user"]["email"] == opened["user"]["email"]
    assert token.status_code == 200
    assert token.json()["access_token"]
