"""Single sign-on over real HTTP, at a real OpenID Connect provider; who is kept out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from hinode import EngineRegistry, load_settings, open_services
from hinode.api.studio import login
from hinode.api.studio.sign_on_cookie import BegunSignOn, set_sign_on_cookie
from hinode.core.accounts.types import Role
from hinode.core.auth.login_throttle import PER_ADDRESS
from hinode.core.auth.single_sign_on import Identity, SignOnRules, SingleSignOn
from hinode.core.auth.types import Audience, Scope, SessionTerms
from hinode.core.errors import HinodeError
from hinode.core.jobs.account_admin import AccountCreate, AccountUpdate
from hinode.kit.openid_connect import OpenIdClient, SignOnAttempt, SignOnFailed
from hinode.kit.safe_fetch import FetchPolicy
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.openid_provider import let_in, openid_provider
from tests.support.people import refused, server_with
from tests.support.receiver import Answer, receiving

PEOPLE: list[dict[str, Any]] = [
    {
        "sub": "alice", "name": "Alice Ōno", "groups": ["studio", "ops"],
        "email": "alice@example.com", "email_verified": True,
    },
    {"sub": "bob", "email": "boss@example.com", "email_verified": False, "groups": ["studio"]},
    {"sub": "eve", "groups": ["visitors"]},
]  # fmt: skip
TERMS = SessionTerms(Audience.APP, operator=True)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with openid_provider(PEOPLE) as found:
        yield found


@pytest.fixture
def server(issuer: str, tmp_path: Path) -> Iterator[LiveServer]:
    """A server whose people come from the provider only."""
    oidc = {
        "issuer": issuer, "client_id": "hinode", "client_secret": "secret",
        "allowed_groups": ["studio"], "operator_groups": ["ops"], "credits": 70,
        "group_plans": {"studio": "pro"}, "button": "Our log-in",
    }  # fmt: skip
    with server_with(tmp_path, oidc=oidc, password_login=False) as live:
        yield live


def browser(server: LiveServer) -> httpx.Client:
    return patient.Client(base_url=server.url, headers={"origin": server.url}, timeout=30.0)


def browser_by(server: LiveServer, way: httpx.HTTPTransport) -> httpx.Client:
    headers = {"origin": server.url}
    return patient.Client(base_url=server.url, headers=headers, timeout=30.0, transport=way)


def begun_cookie(server: LiveServer) -> str:
    """Return the cookie of an attempt with the state `s`, as a server gives it to this machine."""
    here = {"type": "http", "scheme": "http", "path": "/", "headers": []}
    request = Request({**here, "client": ("127.0.0.1", 1)})
    response, clock = Response(), server.services.core.sessions.clock
    begun = BegunSignOn(SignOnAttempt("s", "n", "v"), "/studio")
    set_sign_on_cookie(request, response, begun, server.services.links.signer, clock.now())
    return response.headers["set-cookie"].partition("=")[2].partition(";")[0]


def start(page: httpx.Client, **query: str) -> str:
    answer = page.get("/api/auth/oidc/start", params=query)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def path_of(url: str) -> str:
    return url.removeprefix(url.split("/api/", maxsplit=1)[0])


def log_in(page: httpx.Client, who: str, **query: str) -> httpx.Response:
    return page.get(path_of(let_in(start(page, **query), who)))


def ended_at(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    found: str = answer.headers["location"]
    return found.removeprefix("../../../app")


def token(page: httpx.Client) -> str:
    answer = page.post("/api/auth/app/token")
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["access_token"]
    return found


def test_a_person_logs_in_gets_an_account_and_finds_it_again(server: LiveServer) -> None:
    core = server.services.core
    with browser(server) as page:
        options = login.LogInOptions.model_validate(page.get("/api/auth/app").json())
        assert (options.password, options.signup) == (False, "off")
        assert options.single_sign_on is not None
        assert options.single_sign_on.button == "Our log-in"
        assert ended_at(log_in(page, "alice", next="/console/jobs")) == "/console/jobs"
        secret = token(page)
    first = core.auth.authenticate(secret, Scope.ADMIN).account_id
    (view,) = [one for one in core.accounts.every() if one.account.id == first]
    assert (view.account.role, view.account.plan.value) == (Role.OPERATOR, "pro")
    assert (view.standing.balance, view.profile.email) == (70, "alice@example.com")
    assert view.profile.display_name == "Alice Ōno"

    with browser(server) as page:
        assert ended_at(log_in(page, "alice")) == "/studio"
        assert core.auth.authenticate(token(page), Scope.VIDEOS).account_id == first
        assert page.post("/api/auth/app/logout").status_code == 200
        away = page.get("/api/auth/oidc/logout").headers["location"]
        assert "client_id=hinode" in away
        assert "/oauth2/end_session" in away
        refused(page.post("/api/auth/app/token"), 401, "token_invalidated")
    assert core.accounts.view(view.account.name).standing.balance == 70, "credits come once"


def test_an_address_that_nobody_verified_gives_no_ones_account(server: LiveServer) -> None:
    core = server.services.core
    core.accounts.create(AccountCreate("boss", role=Role.OPERATOR))
    core.accounts.change(None, "boss", AccountUpdate(email="boss@example.com"))
    with browser(server) as page:
        assert ended_at(log_in(page, "bob")) == "/studio"
        mine = core.auth.authenticate(token(page), Scope.VIDEOS).account_id
    assert mine != core.accounts.view("boss").account.id
    assert len(core.accounts.every()) == 2


def test_who_is_in_no_allowed_group_or_banned_is_refused(server: LiveServer) -> None:
    core = server.services.core
    with browser(server) as page:
        assert ended_at(log_in(page, "eve")) == "/login?error=sign_on_refused"
        assert core.accounts.every() == []
        assert ended_at(log_in(page, "bob")) == "/studio"
        (bob,) = core.accounts.every()
        core.accounts.change(None, bob.account.name, AccountUpdate(banned=True))
        assert ended_at(log_in(page, "bob")) == "/login?error=sign_on_refused"
        refused(page.post("/api/auth/app/token"), 401, "token_invalidated")


def test_an_answer_counts_once_and_only_where_it_was_asked_for(server: LiveServer) -> None:
    expired = "/login?error=sign_on_expired"
    with browser(server) as page, browser(server) as other:
        callback = path_of(let_in(start(page), "alice"))
        assert ended_at(other.get(callback)) == expired, "another browser"
        start(other)
        assert ended_at(other.get(callback)) == expired, "another attempt"
        assert ended_at(page.get(callback + "&iss=https://evil.example")).endswith("_failed")
        assert ended_at(page.get(callback)) == expired, "the attempt is over"

        callback = path_of(let_in(start(page), "alice"))
        cookie = page.cookies["hinode_sign_on"]
        assert ended_at(page.get(callback)) == "/studio"
        page.cookies.set("hinode_sign_on", cookie, path="/api/auth")
        assert ended_at(page.get(callback)) == "/login?error=sign_on_failed", "the code was used"

        page.cookies.clear()
        state = parse_qs(urlsplit(start(page)).query)["state"][0]
        denied = page.get("/api/auth/oidc/callback", params={"state": state, "error": "x"})
        assert ended_at(denied) == "/login?error=sign_on_denied"
        assert "code_challenge_method=S256" in start(page)


def test_made_up_answers_do_not_reach_the_provider_without_end(tmp_path: Path) -> None:
    dead = {"issuer": "http://127.0.0.1:9", "client_id": "x"}
    with server_with(tmp_path, oidc=dead) as server, browser(server) as page:
        cookie = {"cookie": f"hinode_sign_on={begun_cookie(server)}"}
        made_up = "/api/auth/oidc/callback?state=s&code=c"
        ends = [ended_at(page.get(made_up, headers=cookie)) for _ in range(PER_ADDRESS + 1)]

    assert ends == [*["/login?error=sign_on_failed"] * PER_ADDRESS, "/login?error=sign_on_refused"]


def test_an_attempt_planted_in_another_browser_logs_nobody_in(server: LiveServer) -> None:
    """A page on another port of this host can set cookies for it, and has begun a log-in itself."""
    expired, core = "/login?error=sign_on_expired", server.services.core
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    with browser(server) as attacker, browser_by(server, elsewhere) as victim:
        callback = path_of(let_in(start(attacker), "alice"))
        planted = attacker.cookies["hinode_sign_on"]
        expires, signature, rest = planted.split("~", 2)
        for cookie in (
            planted,
            f"{int(expires) + 1}~{signature}~{rest}",
            f"{expires}~{signature}~{rest}x",
            f"{expires}~~{rest}",
            rest,
            "~" * 5,
            "9" * 4_000,
        ):
            victim.cookies.clear()
            victim.cookies["hinode_sign_on"] = cookie
            assert ended_at(victim.get(callback)) == expired, cookie
        assert victim.post("/api/auth/app/token").status_code == 401
        assert core.accounts.every() == []
        assert ended_at(attacker.get(callback)) == "/studio", "where it was begun it counts"


def test_over_https_only_this_host_can_have_set_the_attempt(issuer: str, tmp_path: Path) -> None:
    oidc = {"issuer": issuer, "client_id": "hinode", "client_secret": "secret"}
    tls = {"x-forwarded-proto": "https", "host": "films.example"}
    with (
        server_with(tmp_path, oidc=oidc, trusted_proxies=("127.0.0.1",)) as server,
        browser(server) as page,
    ):
        answer = page.get("/api/auth/oidc/start", headers=tls)
        said = answer.headers["set-cookie"]
        name, _, value = said.partition(";")[0].partition("=")
        assert name == "__Host-hinode_sign_on"
        assert {"Path=/", "Secure", "HttpOnly"} <= set(said.split("; "))
        callback = path_of(let_in(answer.headers["location"], "alice"))
        for cookie, end in ((f"hinode_sign_on={value}", "_expired"), (f"{name}={value}", "studio")):
            answer = page.get(callback, headers={**tls, "cookie": cookie})
            assert ended_at(answer).endswith(end)
        names = [one.partition("=")[0] for one in answer.headers.get_list("set-cookie")]
        assert sorted(names) == ["__Host-hinode_sign_on", "__Secure-hinode_session"]


def test_an_attempt_ends_after_ten_minutes(issuer: str, tmp_path: Path, clock: FakeClock) -> None:
    oidc = {"issuer": issuer, "client_id": "hinode", "client_secret": "secret"}
    with server_with(tmp_path, clock, oidc=oidc) as server, browser(server) as page:
        callback = path_of(let_in(start(page), "alice"))
        clock.advance(timedelta(minutes=10))
        assert ended_at(page.get(callback)) == "/login?error=sign_on_expired"


ELSEWHERE = (
    "https://evil.example", "//evil.example", "/\\evil.example", "/../../evil", "/a?b=//c",
    "javascript:alert(1)", "/studio\r\nx: y", "", "/" + "a" * 300, "/.hidden",
)  # fmt: skip


def test_nobody_is_sent_elsewhere(server: LiveServer) -> None:
    with browser(server) as page:
        for request in ELSEWHERE:
            start(page, next=request)
            assert page.cookies["hinode_sign_on"].endswith("~%2Fstudio"), request
        callback = path_of(let_in(start(page), "alice"))
        kept = page.cookies["hinode_sign_on"].rpartition("~")[0]
        page.cookies.clear()
        page.cookies["hinode_sign_on"] = f"{kept}~%2F%2Fevil.example"
        assert ended_at(page.get(callback)) == "/login?error=sign_on_expired"


def test_passwords_are_off_for_every_client(server: LiveServer) -> None:
    given = {"username": "x", "email": "a@example.com", "password": "correct horse"}
    with browser(server) as page:
        for path in ("app/login", "app/signup", "login", "signup"):
            answer = page.post(f"/api/auth/{path}", data=given)
            assert "switched off" in refused(answer, 401, "login_refused")["message"]


def test_without_a_provider_nothing_is_offered_and_a_dead_one_is_told(tmp_path: Path) -> None:
    with server_with(tmp_path / "a") as server, browser(server) as page:
        assert page.get("/api/auth/app").json()["single_sign_on"] is None
        for name in ("start", "callback"):
            found = page.get(f"/api/auth/oidc/{name}")
            assert ended_at(found) == "/login?error=sign_on_off"
        assert ended_at(page.get("/api/auth/oidc/logout")) == "/login"
    dead = {"issuer": "http://127.0.0.1:9", "client_id": "x"}
    with server_with(tmp_path / "b", oidc=dead) as server, browser(server) as page:
        found = page.get("/api/auth/oidc/start")
        assert ended_at(found) == "/login?error=sign_on_failed"
        assert ended_at(page.get("/api/auth/oidc/logout")) == "/login"


def test_roles_follow_the_groups_and_a_lost_one_ends_the_sessions(
    database_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    settings = load_settings(data=tmp_path, database=database_url, workers=False)
    services = open_services(settings, engines=EngineRegistry([]), clock=clock)
    try:
        with live_server(services):
            rules = SignOnRules(operator_groups=frozenset({"ops"}))
            sign_on, auth = SingleSignOn(services.core.sessions, rules), services.core.auth
            operator = sign_on.log_in(Identity("i", "s", frozenset({"ops"})), TERMS)
            assert auth.authenticate(operator.access.secret, Scope.ADMIN)
            user = sign_on.log_in(Identity("i", "s"), TERMS)
            for secret, scope in (
                (operator.access.secret, Scope.VIDEOS),
                (user.access.secret, Scope.ADMIN),
            ):
                with pytest.raises(HinodeError):
                    auth.authenticate(secret, scope)
            other = sign_on.log_in(Identity("j", "s"), TERMS)
            assert other.profile.account_id != user.profile.account_id, "another issuer's"
            for subject in ("", "x" * 256):
                with pytest.raises(HinodeError):
                    sign_on.log_in(Identity("i", subject), TERMS)
    finally:
        services.close()


def test_a_provider_that_is_down_is_asked_once_for_all_who_come_meanwhile() -> None:
    seconds = [0.0]

    async def start() -> str:
        return await client.authorization_url(SignOnAttempt.new(), "https://here.example/")

    async def many() -> list[str | BaseException]:
        return await asyncio.gather(*(start() for _ in range(20)), return_exceptions=True)

    with receiving() as provider, asyncio.Runner() as runner:
        provider.answer = lambda number, request: Answer(503)
        issuer, policy = f"http://{provider.place}", FetchPolicy(9999, 20, 0, ("127.0.0.1",))
        client = OpenIdClient(issuer, "x", "", (), policy, lambda: seconds[0])

        refusals = runner.run(many())
        assert len(provider.requests) == 1
        assert {repr(one) for one in refusals} == {repr(refusals[0])}
        assert isinstance(refusals[0], SignOnFailed)

        places = dict.fromkeys(("authorization_endpoint", "token_endpoint", "jwks_uri"), issuer)
        found = json.dumps({"issuer": issuer, **places}).encode()
        provider.answer = lambda number, request: Answer(200, body=found)
        with pytest.raises(SignOnFailed):
            runner.run(start())
        seconds[0] = 11.0
        assert runner.run(start()).startswith(issuer)
        assert len(provider.requests) == 2
