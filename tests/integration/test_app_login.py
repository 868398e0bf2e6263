"""The web app's log-in over real HTTP: its cookie, its tokens, its links, and who is kept out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.api.studio import login
from hinode.core.accounts.types import ADMIN, Role
from hinode.core.auth.bootstrap import ensure_admin
from hinode.core.auth.login_links import VALID_FOR
from hinode.core.auth.types import Scope
from hinode.core.errors import HinodeError
from hinode.core.jobs.account_admin import AccountCreate, AccountUpdate
from hinode.kit.ids import new_id
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.live import operations
from tests.support.people import client_of, refused, server_with
from tests.support.wire import connect, head, read_answer

PASSWORD = "correct horse"


@pytest.fixture
def server(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[LiveServer]:
    """A server on either database whose time we move; everybody may sign up."""
    settings = load_settings(data=tmp_path, database=database_url, workers=False, signup="open")
    services = open_services(settings, engines=EngineRegistry([]), clock=clock)
    ensure_admin(services.db, clock)
    try:
        with live_server(services) as live:
            yield live
    finally:
        services.close()


@pytest.fixture
def page(server: LiveServer) -> Iterator[httpx.Client]:
    """A page of ours in a browser."""
    with page_of(server.url) as client:
        yield client


def page_of(url: str) -> httpx.Client:
    return patient.Client(base_url=url, headers={"origin": url}, timeout=20.0)


def account(server: LiveServer, role: Role = Role.USER) -> str:
    """Return the name of a new account with a password."""
    name, admin = f"p{new_id().hex}", server.services.core.accounts
    admin.create(AccountCreate(name, unlimited=True, role=role))
    admin.change(None, name, AccountUpdate(password=PASSWORD))
    return name


def logged_in(page: httpx.Client, name: str) -> str:
    """Log in and return the access token."""
    given = {"username": name, "password": PASSWORD}
    answer = page.post("/api/auth/app/login", json=given)
    assert answer.status_code == 200, answer.text
    login.AppAccess.model_validate(answer.json())
    token: str = answer.json()["access_token"]
    return token


def status(page: httpx.Client, path: str, token: str) -> int:
    return page.get(path, headers={"authorization": f"Bearer {token}"}).status_code


def statuses(page: httpx.Client, token: str) -> list[int]:
    paths = ("/v1/videos", "/v1/models", "/v1/tasks", "/backend/me", "/v1/admin/accounts")
    return [status(page, path, token) for path in paths]


def test_a_log_in_gives_a_token_for_everything_of_the_account(
    server: LiveServer, page: httpx.Client
) -> None:
    token = logged_in(page, account(server))
    operator = logged_in(page, account(server, Role.OPERATOR))

    assert statuses(page, token) == [200, 200, 200, 200, 403]
    assert statuses(page, operator) == [200, 200, 200, 200, 200]
    options = page.get("/api/auth/app").json()
    assert options == {
        "password": True, "signup": "open", "single_sign_on": None, "session": True,
    }  # fmt: skip


def test_the_cookie_is_for_the_log_in_only_and_gives_the_next_token(
    server: LiveServer, page: httpx.Client, clock: FakeClock
) -> None:
    first = logged_in(page, account(server))
    answer = page.post("/api/auth/app/token")
    said = answer.headers["set-cookie"]

    assert "HttpOnly" in said
    assert "SameSite=strict" in said
    assert "Path" not in said, "browsers give it the folder of this call, below any prefix"
    assert "Secure" not in said
    (kept,) = page.cookies.jar
    assert kept.path == "/api/auth/app"
    assert answer.headers["cache-control"] == "no-store"
    assert page.get("/v1/videos").status_code == 401, "a cookie authenticates nothing but the app"

    clock.advance(timedelta(minutes=61))
    assert status(page, "/v1/videos", first) == 401
    renewed = page.post("/api/auth/app/token").json()["access_token"]
    assert status(page, "/v1/videos", renewed) == 200


def test_attempts_count_for_the_account_whichever_of_its_names_is_given(
    server: LiveServer, page: httpx.Client, clock: FakeClock
) -> None:
    name = account(server)
    email, username = f"{name}@example.com", f"u.{name[:12]}"
    update = AccountUpdate(email=email, username=username)
    server.services.core.accounts.change(None, name, update)
    by_turns = [name, email, username, name.upper()] * 3

    def tried(who: str, password: str) -> tuple[int, str]:
        answer = page.post("/api/auth/app/login", json={"username": who, "password": password})
        return answer.status_code, answer.text

    told = {tried(who, "wrong horse") for who in by_turns[:10]}
    told |= {tried(who, PASSWORD) for who in (email, username, name)}
    told.add(tried(f"nobody{name}", PASSWORD))
    assert {status for status, _ in told} == {401}
    assert len(told) == 1, "neither that there is an account nor which names it has"
    clock.advance(timedelta(seconds=61))
    assert tried(email, PASSWORD)[0] == 200


def test_people_sign_up_for_the_app(page: httpx.Client) -> None:
    given = {"email": f"p{new_id().hex}@example.com", "password": PASSWORD}
    answer = page.post("/api/auth/app/signup", json=given)

    assert answer.status_code == 200
    assert status(page, "/v1/videos", answer.json()["access_token"]) == 200
    again = page.post("/api/auth/app/signup", json=given)
    assert refused(again, 400, "invalid_request")["param"] == "email"


def test_a_wrong_password_and_a_lack_of_a_cookie_are_told(
    server: LiveServer, page: httpx.Client
) -> None:
    wrong = {"username": account(server), "password": "something else"}
    refused(page.post("/api/auth/app/login", json=wrong), 401, "login_refused")
    refused(page.post("/api/auth/app/token"), 401, "token_invalidated")
    missing = page.post("/api/auth/app/login", json={"username": "x"})
    assert refused(missing, 400, "invalid_request")["param"] == "password"


@pytest.mark.parametrize("end", ["log out", "password", "ban", "role", "ban and its end"])
def test_tokens_of_both_audiences_end_at_once(
    server: LiveServer, page: httpx.Client, end: str
) -> None:
    name, core = account(server, Role.OPERATOR), server.services.core
    app, sora = logged_in(page, name), core.sessions.issue(name).access.secret
    assert status(page, "/v1/admin/accounts", app) == status(page, "/backend/me", sora) == 200

    if end == "log out":
        assert page.post("/api/auth/app/logout").status_code == 200
        core.sessions.log_out(None, sora)
    else:
        change = {
            "password": AccountUpdate(password="another horse"),
            "role": AccountUpdate(role=Role.USER),
        }
        core.accounts.change(None, name, change.get(end, AccountUpdate(banned=True)))
    if end == "ban and its end":
        core.accounts.change(None, name, AccountUpdate(banned=False))

    assert statuses(page, app) == [401] * 5
    assert status(page, "/backend/me", sora) == 401
    assert page.post("/api/auth/app/token").status_code == 401


def test_tokens_of_the_sora_dialect_reach_v1_only_by_their_scopes(
    server: LiveServer, page: httpx.Client
) -> None:
    name, issue = account(server, Role.OPERATOR), server.services.core.sessions.issue
    plain = issue(name).access.secret
    videos = issue(name, scopes=frozenset({Scope.VIDEOS})).access.secret

    assert statuses(page, plain) == [403, 403, 403, 200, 403]
    assert statuses(page, videos) == [200, 200, 403, 200, 403]
    with pytest.raises(HinodeError, match="cannot have the scope admin"):
        issue(name, scopes=frozenset({Scope.ADMIN}))


def test_a_session_of_one_audience_is_none_of_the_other(
    server: LiveServer, page: httpx.Client
) -> None:
    name = account(server)
    token = logged_in(page, name)
    cookie = page.cookies["hinode_session"]
    dialect = {"cookie": f"__Secure-next-auth.session-token={cookie}"}
    issued = server.services.core.sessions.issue(name)

    assert page.get("/api/auth/session", headers=dialect).status_code == 401
    with page_of(server.url) as other:
        bearer = {"authorization": f"Bearer {token}"}
        assert other.get("/api/auth/session", headers=bearer).status_code == 401
        other.cookies["hinode_session"] = issued.cookie or ""
        assert other.post("/api/auth/app/token").status_code == 401


FOREIGN: list[dict[str, str]] = [
    {"origin": "http://127.0.0.1:1"},
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site"},
    {},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_other_page_logs_in_out_or_gets_a_token(
    server: LiveServer, page: httpx.Client, headers: dict[str, str]
) -> None:
    name = account(server)
    logged_in(page, name)
    link = server.services.core.login_links.create(operator=True)
    given: dict[str, Any] = {
        "token": link, "username": name, "password": PASSWORD, "email": "a@example.com",
    }  # fmt: skip
    with client_of(server, None) as foreign:
        foreign.cookies["hinode_session"] = page.cookies["hinode_session"]
        for route in ("login", "signup", "link", "token", "logout"):
            answer = foreign.post(f"/api/auth/app/{route}", data=given, headers=headers)
            refused(answer, 401, "login_refused")
            assert "set-cookie" not in answer.headers

    assert page.post("/api/auth/app/token").status_code == 200, "nobody ended the session"
    assert page.post("/api/auth/app/link", json={"token": link}).status_code == 200


@pytest.mark.parametrize("origin", ["http://127.0.0.1:1", "null"])
@pytest.mark.parametrize("route", ["login", "signup", "logout"])
def test_the_page_of_another_port_sets_and_ends_no_session_of_the_dialect(
    server: LiveServer, route: str, origin: str
) -> None:
    with client_of(server, None) as foreign:
        answer = foreign.post(f"/api/auth/{route}", data={}, headers={"origin": origin})
    refused(answer, 401, "login_refused")


@pytest.mark.parametrize("operator", [False, True])
def test_a_link_logs_in_as_the_first_account_once(
    server: LiveServer, page: httpx.Client, operator: bool
) -> None:
    link = server.services.core.login_links.create(operator=operator)

    with ThreadPoolExecutor(8) as threads:
        tries = [
            threads.submit(page.post, "/api/auth/app/link", json={"token": link}) for _ in range(8)
        ]
        answers = [one.result() for one in tries]

    (good,) = [one for one in answers if one.status_code == 200]
    assert {one.status_code for one in answers} == {200, 401}
    token = good.json()["access_token"]
    assert status(page, "/v1/admin/accounts", token) == (200 if operator else 403)
    owner = server.services.core.auth.authenticate(token, Scope.VIDEOS).account_id
    assert owner == server.services.core.accounts.view(ADMIN).account.id


def test_a_link_is_good_for_ten_minutes(
    server: LiveServer, page: httpx.Client, clock: FakeClock
) -> None:
    links = server.services.core.login_links
    late, in_time = links.create(operator=True), links.create(operator=True)

    clock.advance(VALID_FOR - timedelta(seconds=1))
    assert page.post("/api/auth/app/link", json={"token": in_time}).status_code == 200
    clock.advance(timedelta(seconds=1))
    refused(page.post("/api/auth/app/link", json={"token": late}), 401, "login_refused")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:8000", "origin": "http://evil.example:8000"},
        {"x-forwarded-for": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"via": "1.1 proxy"},
        {"x-real-ip": "127.0.0.1"},
        {"origin": "https://video.example", "sec-fetch-site": "same-origin"},
    ],
    ids=str,
)
def test_a_stolen_link_is_worth_nothing_elsewhere(
    server: LiveServer, page: httpx.Client, headers: dict[str, str]
) -> None:
    link = server.services.core.login_links.create(operator=True)

    answer = page.post("/api/auth/app/link", json={"token": link}, headers=headers)

    refused(answer, 401, "login_refused")
    assert page.post("/api/auth/app/link", json={"token": link}).status_code == 200


def test_a_proxy_that_was_told_nothing_is_no_browser_of_this_machine(
    server: LiveServer, page: httpx.Client
) -> None:
    # It speaks HTTP/1.0 to a server, with the server's address as the name.
    link = server.services.core.login_links.create(operator=True)
    body = json.dumps({"token": link}).encode()
    fields = (f"Origin: {server.url}", "Content-Type: application/json")
    request = head("POST", "/api/auth/app/link", *fields, f"Content-Length: {len(body)}")
    request = request.replace(b"HTTP/1.1", b"HTTP/1.0")
    request = request.replace(b"here", server.url.removeprefix("http://").encode())
    with connect(server.url) as wire:
        wire.sendall(request + body)
        answer = read_answer(wire.makefile("rb"))

    assert (answer.status, b"own machine only" in answer.body) == (401, True)
    assert page.post("/api/auth/app/link", json={"token": link}).status_code == 200


@pytest.mark.parametrize(
    "settings", [{"public_url": "https://video.example"}, {"trusted_proxies": ("10.0.0.0/8",)}]
)
def test_links_do_not_work_behind_a_proxy(tmp_path: Path, settings: dict[str, Any]) -> None:
    with server_with(tmp_path, **settings) as server, page_of(server.url) as page:
        ensure_admin(server.services.db, server.services.clock)
        link = server.services.core.login_links.create(operator=False)
        answer = page.post("/api/auth/app/link", json={"token": link})
        assert "hinode account password" in refused(answer, 401, "login_refused")["message"]


def test_behind_a_proxy_with_tls_the_cookie_is_secure_by_its_name_too(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "public_url": "https://video.example/studio",
        "trusted_proxies": ("127.0.0.1",),
    }
    forwarded = {
        "host": "video.example", "origin": "https://video.example", "x-forwarded-proto": "https",
    }  # fmt: skip
    with server_with(tmp_path, **settings) as server, page_of(server.url) as page:
        given = {"username": account(server), "password": PASSWORD}
        answer = page.post("/api/auth/app/login", json=given, headers=forwarded)

        assert answer.status_code == 200
        said = answer.headers["set-cookie"]
        secret = said.partition("=")[2].partition(";")[0]
        cookie = {**forwarded, "cookie": f"__Secure-hinode_session={secret}"}
        assert page.get("/api/auth/app", headers=cookie).json()["session"] is True
        assert page.post("/api/auth/app/token", headers=cookie).status_code == 200
        planted = {**forwarded, "cookie": f"hinode_session={secret}"}
        assert page.get("/api/auth/app", headers=planted).json()["session"] is False
        assert page.post("/api/auth/app/token", headers=planted).status_code == 401
        assert page.post("/api/auth/app/logout", headers=cookie).status_code == 200
        assert page.post("/api/auth/app/token", headers=cookie).status_code == 401
    assert said.startswith("__Secure-hinode_session=")
    assert "Secure;" in f"{said};"


def test_a_batch_wants_a_key(server: LiveServer, page: httpx.Client) -> None:
    headers = {"authorization": f"Bearer {logged_in(page, account(server))}"}
    new = {"input_file_id": "file-x", "endpoint": "/v1/videos", "completion_window": "24h"}
    answer = page.post("/v1/batches", json=new, headers=headers)
    assert answer.status_code == 403
    assert "API key" in answer.json()["error"]["message"]


def test_no_user_reaches_an_operators_call_and_no_foreign_page_a_log_in(tmp_path: Path) -> None:
    """All of them, as the server has them: a new route is attacked without a new test."""
    with server_with(tmp_path, signup="open") as server, page_of(server.url) as page:
        operator = account(server, Role.OPERATOR)
        issue = server.services.core.sessions.issue
        tokens = {
            "user": logged_in(page, account(server)),
            "dialect": issue(account(server, Role.OPERATOR)).access.secret,
        }
        demoted = logged_in(page, operator)
        server.services.core.accounts.change(None, operator, AccountUpdate(role=Role.USER))
        admin = operations(server, "/v1/admin/")
        assert len(admin) > 40
        for method, path in admin:
            for secret in tokens.values():
                bearer = {"authorization": f"Bearer {secret}"}
                answer = page.request(method, path, json={}, headers=bearer)
                assert answer.status_code == 403, f"{method} {path}: {answer.text}"
            bearer = {"authorization": f"Bearer {demoted}"}
            assert page.request(method, path, json={}, headers=bearer).status_code == 401

        posts = [path for method, path in operations(server, "/api/auth/") if method == "POST"]
        assert len(posts) == 8
        foreign = [one for one in FOREIGN if one]
        with client_of(server, None) as other:
            for path in posts:
                for headers in foreign:
                    answer = other.post(path, data={}, headers=headers)
                    refused(answer, 401, "login_refused")
                    assert "set-cookie" not in answer.headers
