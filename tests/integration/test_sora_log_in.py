"""Sign-up and log-in of the Sora dialect: who is let in, and what a refusal tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from hinode.core.accounts import service
from hinode.core.jobs.account_admin import AccountUpdate
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer
from tests.support.clock import suite_clock
from tests.support.people import (
    COOKIE,
    admitted,
    client_of,
    new_account,
    refused,
    server_with,
)
from tests.support.sora_sessions import PASSWORD, SESSION, grant, me, renewed, signed_up


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return suite_clock()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, clock: FakeClock) -> Iterator[LiveServer]:
    """A server where everybody may sign up, and whose time we move."""
    with server_with(tmp_path_factory.mktemp("log-in"), clock, signup="open") as made:
        yield made


@pytest.fixture
def door(server: LiveServer, clock: FakeClock) -> Iterator[httpx.Client]:
    """A client without any token; tries of other tests are forgotten."""
    clock.advance(timedelta(minutes=2))
    with client_of(server, None) as client:
        yield client


def test_log_in_by_address_and_by_name(door: httpx.Client) -> None:
    opened = signed_up(door, username="Door.Knocker")
    email = opened["user"]["email"]

    for who in ({"email": email.upper()}, {"username": "door.knocker"}, {"email": "Door.Knocker"}):
        answer = door.post("/api/auth/login", json={**who, "password": PASSWORD})
        assert answer.status_code == 200
        assert sorted(answer.json()) == sorted([*SESSION, "refresh_token", "session_token"])
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}={answer.json()['session_token']};")
        assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))


def test_refused_log_ins_do_not_say_why(door: httpx.Client, server: LiveServer) -> None:
    opened = signed_up(door)
    without_password = new_account(server.services)

    who = (opened["user"]["email"], "nobody@example.com", without_password, "a\x00b")

    answers = [
        door.post(
            "/api/auth/login",
            content=json.dumps({"email": one, "password": "wrong password"}),
            headers={"content-type": "application/json"},
        )
        for one in who
    ]

    assert len({answer.text for answer in answers}) == 1
    assert refused(answers[0], 401, "login_refused")["param"] is None


def test_sign_ups_and_codes_are_paced(door: httpx.Client) -> None:
    short = {"email": "a@example.com", "password": "short"}
    codes = [door.post("/api/auth/signup", json=short).status_code for _ in range(40)]
    assert codes == sorted(codes)
    assert set(codes) == {400, 429}


def test_log_ins_are_paced_whether_or_not_there_is_an_account(door: httpx.Client) -> None:
    there = signed_up(door)["user"]["email"]

    for who in (there, "not-there@example.com"):
        body = {"email": who, "password": "wrong password"}
        codes = [door.post("/api/auth/login", json=body).status_code for _ in range(10)]
        late = door.post("/api/auth/login", json={"email": who, "password": PASSWORD})
        assert codes == [401] * 10
        refused(late, 429, "too_many_requests")
        assert 1 <= int(late.headers["retry-after"]) <= 60


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"email": 5, "password": []}'])
@pytest.mark.parametrize("path", ["/api/auth/login", "/api/auth/signup"])
def test_malformed_log_ins_are_refused(door: httpx.Client, path: str, body: bytes) -> None:
    headers = {"content-type": "application/json"}

    refused(door.post(path, content=body, headers=headers), 400, "invalid_request")


@pytest.mark.parametrize("by", ["cookie", "token"])
def test_logging_out_ends_every_token_of_the_session(door: httpx.Client, by: str) -> None:
    opened = signed_up(door)
    headers = (
        {"cookie": f"{COOKIE}={opened['session_token']}"}
        if by == "cookie"
        else {"authorization": f"Bearer {opened['accessToken']}"}
    )

    assert door.post("/api/auth/logout", headers=headers).json() == {"success": True}

    refused(me(door, opened["accessToken"]), 401, "token_invalidated")
    refused(renewed(door, opened["session_token"]), 401, "token_invalidated")
    refused(door.post("/oauth/token", json=grant(opened["refresh_token"])), 400, "invalid_grant")
    assert door.post("/api/auth/logout").json() == {"success": True}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "two@@example.com"}, "email"),
        ({"email": f"{'a' * 300}@example.com"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 300}, "password"),
        ({"username": "no"}, "username"),
        ({"invite_code": "NOBODYS"}, "invite_code"),
    ],
    ids=["email", "ats", "long", "short", "endless", "username", "code"],
)
def test_sign_up_is_refused_by_rule_and_leaves_nothing(
    door: httpx.Client, server: LiveServer, fields: dict[str, str], param: str
) -> None:
    before = len(server.services.core.accounts.every())
    wanted = {"email": "fine@example.com", "password": PASSWORD, **fields}

    answer = door.post("/api/auth/signup", json=wanted)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param
    assert len(server.services.core.accounts.every()) == before


def test_an_address_and_a_username_sign_up_once(door: httpx.Client, server: LiveServer) -> None:
    email = signed_up(door, username="once.only")["user"]["email"]
    before = len(server.services.core.accounts.every())

    again = {"email": email.upper(), "password": PASSWORD}
    assert refused(door.post("/api/auth/signup", json=again), 400, "invalid_request")["param"] == (
        "email"
    )
    taken = {"email": "other@example.com", "password": PASSWORD, "username": "ONCE.only"}
    refused(door.post("/api/auth/signup", json=taken), 400, "username_taken")
    assert len(server.services.core.accounts.every()) == before


def test_others_learn_no_address_and_the_operator_knows_people_by_it(
    door: httpx.Client, server: LiveServer
) -> None:
    address = "Jane.Doe.1980@example.com"
    opened = signed_up(door, email=address)

    with server.services.db.read() as conn:
        account = service.get(conn, address)

    assert opened["account"]["id"] == str(account.id)
    assert "jane" not in opened["user"]["name"].lower()


@pytest.mark.parametrize("signup", ["off", "invite"])
def test_sign_up_where_not_everybody_may(tmp_path: Path, signup: str) -> None:
    body = {"email": "a@example.com", "password": PASSWORD}
    with server_with(tmp_path, signup=signup, signup_credits=77) as server:
        services = server.services
        host = admitted(services, new_account(services)).access.secret
        with client_of(server, host) as owner:
            code = owner.get("/backend/project_y/invite/mine").json()["invite_code"]
        with client_of(server, None) as door:
            without = door.post("/api/auth/signup", json=body)
            invited = door.post("/api/auth/signup", json={**body, "invite_code": code})
            if signup == "off":
                refused(without, 401, "login_refused")
                refused(invited, 401, "login_refused")
                return
            refused(without, 400, "invalid_invite_code")
            with client_of(server, invited.json()["accessToken"]) as person:
                assert person.get("/backend/project_y/invite/mine").status_code == 200
                credits = person.get("/backend/billing/credit_balance").json()
                assert credits == {"credits": 77}


def test_a_new_password_ends_the_sessions_and_the_old_password(
    door: httpx.Client, server: LiveServer
) -> None:
    opened = signed_up(door, username="changer")
    services = server.services
    name = services.core.profiles.profile(UUID(opened["account"]["id"])).account_name

    services.core.accounts.change(None, name, AccountUpdate(password="another password"))

    refused(me(door, opened["accessToken"]), 401, "token_invalidated")
    body = {"username": "changer", "password": PASSWORD}
    refused(door.post("/api/auth/login", json=body), 401, "login_refused")
    body["password"] = "another password"
    assert door.post("/api/auth/login", json=body).status_code == 200
