"""Accounts in the Sora dialect over real HTTP: who they are, their plan, name, quota, invites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from hinode.core.accounts.types import Plan
from hinode.core.auth.types import Scope
from hinode.core.jobs.account_admin import AccountUpdate
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.people import COOKIE, admitted, client_of, new_account, refused, server_with

pytestmark = pytest.mark.from_captured_traffic

USER = re.compile(r"user-[0-9a-f]{32}")
READ = (
    "/backend/me",
    "/backend/project_y/v2/me",
    "/backend/authenticate",
    "/backend/models",
    "/backend/parameters",
    "/backend/project_y/initialize_async",
    "/backend/billing/subscriptions",
    "/backend/billing/credit_balance",
    "/backend/nf/check",
    "/backend/m/bootstrap",
    "/backend/project_y/invite/mine",
)
WRITE = {
    "/backend/project_y/initialize_async": {},
    "/backend/project_y/invite/accept": {"invite_code": "ABCDEFGHJK"},
    "/backend/project_y/profile/username/check": {"username": "somebody"},
    "/backend/project_y/profile/username/set": {"username": "somebody"},
}
ROUTES = [("GET", path, None) for path in READ] + [("POST", *one) for one in WRITE.items()]
IDS = [f"{method} {path}" for method, path, _ in ROUTES]
QUOTA = {
    "rate_limit_reached": bool,
    "access_resets_in_seconds": int,
    "credit_remaining": int,
    "estimated_num_videos_remaining": int,
    "estimated_num_purchased_videos_remaining": int,
}


@pytest.fixture
def account(idle: LiveServer) -> str:
    return new_account(idle.services)


@pytest.fixture
def person(idle: LiveServer, account: str) -> Iterator[httpx.Client]:
    token = admitted(idle.services, account).access.secret
    with client_of(idle, token) as client:
        yield client


def test_me_before_and_after_a_username_is_set(person: httpx.Client, account: str) -> None:
    before = person.get("/backend/me").json()
    person.post("/backend/project_y/profile/username/set", json={"username": "New.Name1"})
    after = person.get("/backend/me").json()

    assert sorted(before) == sorted(
        ("id", "object", "email", "username", "name", "picture", "created_at")
    )
    assert USER.fullmatch(before["id"])
    assert (before["email"], before["username"], before["name"]) == (
        f"{account}@hinode.internal", None, account,
    )  # fmt: skip
    assert (before["picture"], before["object"], type(before["created_at"])) == (None, "user", int)
    assert (after["username"], after["name"]) == ("New.Name1", "New.Name1")


@pytest.mark.parametrize(
    ("plan", "id_", "title"),
    [
        (Plan.PLUS, "chatgpt_plus", "ChatGPT Plus"),
        (Plan.PRO, "chatgpt_pro", "ChatGPT Pro"),
        (Plan.TEAM, "chatgpt_team", "ChatGPT Business"),
    ],
)
def test_a_plan_is_a_subscription_until_it_changes(
    idle: LiveServer, person: httpx.Client, account: str, plan: Plan, id_: str, title: str
) -> None:
    assert person.get("/backend/billing/subscriptions").json() == {"data": []}

    idle.services.core.accounts.change(None, account, AccountUpdate(plan=plan))

    (found,) = person.get("/backend/billing/subscriptions").json()["data"]
    assert found["plan"] == {"id": id_, "title": title}
    ends = datetime.fromisoformat(found["end_ts"])
    assert ends.tzinfo is not None
    assert (ends - idle.services.clock.now()).days > 365
    assert person.get("/backend/parameters").json()["plan"] == plan.value


def test_quota_and_credits_have_their_documented_shape(idle: LiveServer) -> None:
    token = admitted(idle.services, new_account(idle.services, credits=600)).access.secret
    with client_of(idle, token) as person:
        check = person.get("/backend/nf/check").json()
        balance = person.get("/backend/billing/credit_balance").json()

    assert sorted(check) == ["rate_limit_and_credit_balance", "type"]
    quota = check["rate_limit_and_credit_balance"]
    assert {name: type(value) for name, value in quota.items()} == QUOTA
    assert quota["credit_remaining"] == balance["credits"] == 600
    assert quota["estimated_num_videos_remaining"] == 2  # 250 credits for ten seconds
    assert (check["type"], quota["rate_limit_reached"]) == ("ok", False)


def test_an_account_without_credits_is_told_so(idle: LiveServer) -> None:
    name = new_account(idle.services, credits=1)
    with idle.services.db.write() as conn:
        conn.exec_driver_sql("UPDATE balances SET amount = 0 WHERE amount = 1")
    with client_of(idle, admitted(idle.services, name).access.secret) as person:
        check = person.get("/backend/nf/check").json()

    assert check["type"] == "rate_limit_exhausted"
    assert check["rate_limit_and_credit_balance"]["rate_limit_reached"] is True
    assert check["rate_limit_and_credit_balance"]["estimated_num_videos_remaining"] == 0


@pytest.mark.parametrize(
    "name",
    ["ab", "a" * 31, ".dot", "dot.", "_a_b_", "sp ace", "da-sh", "ümlaut", "a\x00b", "日本語"],
)
def test_bad_usernames_are_not_available_and_not_set(person: httpx.Client, name: str) -> None:
    body = {"username": name}

    assert person.post("/backend/project_y/profile/username/check", json=body).json() == {
        "available": False
    }
    error = refused(
        person.post("/backend/project_y/profile/username/set", json=body), 400, "invalid_request"
    )
    assert error["param"] == "username"


def test_a_username_is_one_persons_whatever_its_case(
    idle: LiveServer, person: httpx.Client
) -> None:
    other = client_of(idle, admitted(idle.services, new_account(idle.services)).access.secret)
    check, set_ = (f"/backend/project_y/profile/username/{verb}" for verb in ("check", "set"))
    mine = {"username": "first.last_123"}
    theirs = {"username": "First.LAST_123"}

    assert person.post(check, json=mine).json() == {"available": True}
    profile = person.post(set_, json=mine).json()
    assert (profile["username"], profile["display_name"]) == ("first.last_123", "first.last_123")
    assert USER.fullmatch(profile["user_id"])
    with other:
        assert other.post(check, json=theirs).json() == {"available": False}
        refused(other.post(set_, json=theirs), 400, "username_taken")
        # One's own is available, in another case too; the old one is free again.
        assert person.post(check, json=theirs).json() == {"available": True}
        person.post(set_, json={"username": "another1"})
        assert other.post(set_, json=theirs).status_code == 200


@pytest.mark.parametrize(
    "name", ["admin", "Admin", "adm1n", "a.d_min", "R00t", "supp0rt", "0livia.1lls", "OLIVIAILLS"]
)
def test_nobody_has_a_name_that_passes_for_an_operator(
    idle: LiveServer, person: httpx.Client, name: str
) -> None:
    idle.new_key("olivia.ills", frozenset({Scope.ADMIN}))
    body = {"username": name}

    checked = person.post("/backend/project_y/profile/username/check", json=body)
    assert checked.json() == {"available": False}
    answer = person.post("/backend/project_y/profile/username/set", json=body)
    error = refused(answer, 400, "username_taken")
    assert error["param"] == "username"
    assert "operator" in error["message"]


def test_an_operator_may_have_any_name(idle: LiveServer) -> None:
    name = new_account(idle.services)
    idle.new_key(name, frozenset({Scope.ADMIN}))
    with client_of(idle, admitted(idle.services, name).access.secret) as operator:
        answer = operator.post(
            "/backend/project_y/profile/username/set", json={"username": "sup.port"}
        )
    assert answer.json()["username"] == "sup.port"


def test_usernames_can_be_asked_for_but_not_listed(person: httpx.Client) -> None:
    path = "/backend/project_y/profile/username/check"
    statuses = {person.post(path, json={"username": f"some{n}"}).status_code for n in range(60)}
    answer = person.post(path, json={"username": "onemore"})

    assert statuses == {200}
    refused(answer, 429, "too_many_requests")
    assert int(answer.headers["retry-after"]) >= 1


def test_invites_are_counted_and_end(tmp_path: Path) -> None:
    with server_with(tmp_path, signup="open", plans={"free": {"invites": 1}}) as server:
        host = new_account(server.services)
        with client_of(server, admitted(server.services, host).access.secret) as owner:
            mine = owner.get("/backend/project_y/invite/mine").json()
            assert mine == {**mine, "redeemed_count": 0, "total_count": 1}
            accept = "/backend/project_y/invite/accept"
            code = {"invite_code": mine["invite_code"].lower()}
            assert owner.post(accept, json=code).json() == {
                "success": True, "already_accepted": True,
            }  # fmt: skip
            with guest(server, "a@example.com") as first, guest(server, "b@example.com") as second:
                assert first.post(accept, json=code).json() == {
                    "success": True, "already_accepted": False,
                }  # fmt: skip
                assert first.post(accept, json=code).json()["already_accepted"] is True
                refused(second.post(accept, json=code), 400, "invalid_invite_code")
                refused(
                    second.post(accept, json={"invite_code": "nobodys"}), 400, "invalid_invite_code"
                )
                guesses = [second.post(accept, json={"invite_code": str(n)}) for n in range(9)]
                refused(guesses[-1], 429, "too_many_requests")
                assert first.get("/backend/project_y/invite/mine").status_code == 200
            assert owner.get("/backend/project_y/invite/mine").json()["redeemed_count"] == 1


def test_bootstrap_activates_where_everybody_may_sign_up(tmp_path: Path) -> None:
    with server_with(tmp_path, signup="open") as server, guest(server, "c@example.com") as person:
        error = refused(person.get("/backend/project_y/invite/mine"), 401, "not_activated")
        assert "Unauthorized" in error["message"]
        assert person.get("/backend/m/bootstrap").json() == {"success": True}
        assert person.get("/backend/project_y/invite/mine").status_code == 200


def guest(server: LiveServer, email: str) -> httpx.Client:
    """Return a client of somebody who has just signed up without an invite."""
    body = {"email": email, "password": "correct horse"}
    made = patient.post(f"{server.url}/api/auth/signup", json=body, timeout=20.0)
    assert made.status_code == 200, made.text
    return client_of(server, made.json()["accessToken"])


def test_what_the_web_page_asks_for_at_its_start(person: httpx.Client) -> None:
    me = person.get("/backend/me").json()

    assert person.get("/backend/authenticate").json() == {"authenticated": True, "user": me}
    assert person.get("/backend/project_y/v2/me").json()["my_info"] == me
    assert person.get("/backend/project_y/v2/me").json()["profile"]["user_id"] == me["id"]
    for method in ("GET", "POST"):
        path = "/backend/project_y/initialize_async"
        assert person.request(method, path).json() == {"success": True}
    assert all(one["kind"] == "video" for one in person.get("/backend/models").json()["models"])
    assert person.get("/backend/parameters").json() == {
        "plan": "free", "videos_per_day": 30, "max_concurrent_tasks": 3, "invites": 4,
    }  # fmt: skip


def test_an_account_is_imported_as_widespread_programs_do_it(
    idle: LiveServer, account: str
) -> None:
    """From a session's cookie to a named account whose plan, invites and quota are known."""
    idle.services.core.accounts.change(None, account, AccountUpdate(plan=Plan.PRO))
    cookie = {"cookie": f"{COOKIE}={admitted(idle.services, account).cookie}"}
    session = patient.get(f"{idle.url}/api/auth/session", headers=cookie).json()
    with client_of(idle, session["accessToken"]) as person:
        assert person.get("/backend/me").json()["username"] is None
        body = {"username": f"walker{account[-8:]}"}
        names = "/backend/project_y/profile/username"
        assert person.post(f"{names}/check", json=body).json()["available"] is True
        assert person.post(f"{names}/set", json=body).json()["username"] == body["username"]
        plan = person.get("/backend/billing/subscriptions").json()["data"][0]["plan"]["id"]
        assert plan == "chatgpt_pro"
        assert person.get("/backend/project_y/invite/mine").json()["total_count"] == 10
        quota = person.get("/backend/nf/check").json()["rate_limit_and_credit_balance"]
        assert quota["estimated_num_videos_remaining"] == 300


@pytest.mark.parametrize(("method", "path", "body"), ROUTES, ids=IDS)
def test_nothing_is_told_without_a_token_of_ours(
    idle: LiveServer, method: str, path: str, body: object
) -> None:
    for token in (None, "eyJhbGciOiJub25lIn0.e30.", "sk-" + "x" * 48, "x" * 9_000):
        with client_of(idle, token) as stranger:
            error = refused(stranger.request(method, path, json=body), 401, "token_invalidated")
            assert error["type"] == "authentication_error"


@pytest.mark.parametrize(("method", "path", "body"), ROUTES, ids=IDS)
def test_api_keys_work_like_tokens_if_they_have_the_scope(
    idle: LiveServer, method: str, path: str, body: object
) -> None:
    without = idle.new_key("keyed", frozenset({Scope.VIDEOS}))
    with client_of(idle, idle.new_key("keyed")) as keyed, client_of(idle, without) as other:
        answer = keyed.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        assert isinstance(answer.json(), dict)
        refused(other.request(method, path, json=body), 403, "insufficient_permissions")


@pytest.mark.parametrize("path", [path for path in WRITE if "initialize" not in path])
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"username": 5, "invite_code": 5}', b"{}", b"\xff"],
    ids=["empty", "broken", "array", "null", "types", "missing", "bytes"],
)  # fmt: skip
def test_malformed_bodies_are_refused(person: httpx.Client, path: str, body: bytes) -> None:
    headers = {"content-type": "application/json"}

    refused(person.post(path, content=body, headers=headers), 400, "invalid_request")


def test_unfriendly_habits_of_clients_do_no_harm(person: httpx.Client) -> None:
    headers = {
        "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
        "content-type": "application/json",
        "connection": "Upgrade, HTTP2-Settings",
        "upgrade": "h2c",
        "http2-settings": "AAMAAABkAAQAoAAAAAIAAAAA",
        "cookie": "oai-did=00000000-0000-4000-8000-000000000000",
    }

    answer = person.get("/backend/me", headers=headers)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


def test_a_country_that_is_not_served_is_named(tmp_path: Path) -> None:
    proxies = ("127.0.0.1",)
    with server_with(tmp_path, countries=("JP",), trusted_proxies=proxies) as server:
        token = admitted(server.services, new_account(server.services)).access.secret
        with client_of(server, token) as person:
            there = {"cf-ipcountry": "FR", "x-forwarded-for": "203.0.113.9"}
            here = {**there, "cf-ipcountry": "JP"}
            path = "/backend/project_y/invite/mine"
            error = refused(person.get(path, headers=there), 403, "unsupported_country_code")
            assert error["param"] == "FR"
            assert person.get(path, headers=here).status_code == 200
