"""The admin API over real HTTP, on both databases: all that the commands do, and its refusals."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.api.admin import accounts, callback_headers, keys
from hinode.api.usage import UsagePage
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.accounts import client_with, operator_client
from tests.support.live import operations
from tests.support.responses import good
from tests.support.tasks import PATH, invalid, made, refused, task_body

BAD = "invalid_request_error"
UNKNOWN = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def server(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[LiveServer]:
    """A server that renders nothing, on either database."""
    settings = load_settings(data=tmp_path, database=database_url, workers=False)
    services = open_services(settings, engines=EngineRegistry([]), clock=clock)
    try:
        with live_server(services) as live:
            yield live
    finally:
        services.close()


@pytest.fixture
def admin(server: LiveServer) -> Iterator[httpx.Client]:
    with operator_client(server) as client:
        yield client


def new_key(admin: httpx.Client, **given: Any) -> dict[str, Any]:
    return good(admin.post("/admin/keys", json={"name": "k", **given}))


def own_key(admin: httpx.Client) -> dict[str, Any]:
    (one,) = good(admin.get("/admin/keys", params={"account": "boss"}))["data"]
    key: dict[str, Any] = one
    return key


def test_an_account_is_made_changed_granted_and_found(admin: httpx.Client) -> None:
    made_ = good(admin.post("/admin/accounts", json={"name": "acme", "plan": "plus"}))
    accounts.AdminAccount.model_validate(made_)
    assert (made_["plan"], made_["balance"], made_["unlimited"]) == ("plus", 0, False)

    granted = good(admin.post("/admin/accounts/acme/grants", json={"credits": 250}))
    accounts.AdminGrant.model_validate(granted)
    assert (granted["kind"], granted["credits"]) == ("grant", 250)
    assert granted["account"]["balance"] == 250

    changed = good(admin.patch("/admin/accounts/ACME", json={"plan": "pro", "unlimited": True}))
    assert (changed["plan"], changed["balance"], changed["unlimited"]) == ("pro", None, True)
    counted = good(admin.patch("/admin/accounts/acme", json={"unlimited": False}))
    assert (counted["plan"], counted["balance"]) == ("pro", 250)
    assert good(admin.get("/admin/accounts/acme")) == counted


def test_accounts_come_in_pages(admin: httpx.Client) -> None:
    for name in ("a", "b", "c"):
        good(admin.post("/admin/accounts", json={"name": name, "credits": 5}))

    seen, cursor = [], ""
    while True:
        page = good(admin.get("/admin/accounts", params={"limit": 2, "cursor": cursor}))
        accounts.AccountPage.model_validate(page)
        seen += [one["name"] for one in page["data"]]
        if not page["has_more"]:
            break
        cursor = page["next_cursor"]

    assert seen[-4:] == ["boss", "a", "b", "c"]
    assert page["next_cursor"] is None
    assert page["data"][-1]["balance"] == 5


def test_a_grant_with_an_idempotency_key_happens_once(admin: httpx.Client) -> None:
    good(admin.post("/admin/accounts", json={"name": "acme"}))
    path, headers = "/admin/accounts/acme/grants", {"idempotency-key": "invoice 7"}

    def grant(_: int) -> str:
        answer = admin.post(path, json={"credits": 100}, headers=headers)
        granted: str = good(answer)["id"]
        return granted

    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(grant, range(16)))

    assert len(ids) == 1
    assert good(admin.get("/admin/accounts/acme"))["balance"] == 100
    other = admin.post(path, json={"credits": 101}, headers=headers)
    refused(other, 409, "idempotency_conflict", BAD)
    invalid(admin.post(path, json={"credits": 1}, headers={"idempotency-key": "x" * 256}))
    assert good(admin.get("/admin/accounts/acme"))["balance"] == 100


def test_the_ledger_and_the_usage_tell_what_was_spent(
    admin: httpx.Client, server: LiveServer
) -> None:
    good(admin.post("/admin/accounts", json={"name": "acme", "credits": 400}))
    key = new_key(admin, account="acme", name="studio")
    with client_with(server, key["secret"]) as client:
        first = made(client.post(PATH, json=task_body()))
        second = made(client.post(PATH, json=task_body()))
        good(client.delete(f"/tasks/{second}"))

    page = good(admin.get("/admin/accounts/acme/ledger", params={"limit": 3}))
    rest = good(admin.get("/admin/accounts/acme/ledger", params={"cursor": page["next_cursor"]}))
    usage = good(admin.get("/admin/accounts/acme/usage"))

    accounts.LedgerPage.model_validate(page)
    entries = [(one["kind"], one["credits"], one["task_id"]) for one in page["data"]]
    assert entries == [("refund", 100, second), ("hold", -100, second), ("hold", -100, first)]
    assert [(one["kind"], one["credits"]) for one in rest["data"]] == [("grant", 400)]
    UsagePage.model_validate(usage)
    (row,) = usage["data"]
    assert (row["key"]["name"], row["tasks"], row["failed"], row["credits"]) == (
        "studio", 2, 1, 100,
    )  # fmt: skip
    assert good(admin.get(f"/admin/keys/{key['id']}"))["spent"] == 100
    account = good(admin.get("/admin/accounts/acme"))
    assert (account["balance"], account["held"], account["spent"]) == (300, 100, 0)


def test_a_key_has_all_that_was_asked_for_and_its_secret_is_shown_once(
    admin: httpx.Client, server: LiveServer, clock: FakeClock
) -> None:
    until = int((clock.now() + timedelta(days=1)).timestamp())
    limits = {
        "spend_hour": 100,
        "spend_day": 200,
        "spend_total": 300,
        "per_minute": 60,
        "max_unfinished": 2,
        "models": ["sora-2"],
        "networks": ["127.0.0.0/8", "2001:db8::/32"],
    }
    body = {"scopes": ["tasks", "videos"], "expires_at": until, "strict_fields": True, **limits}
    answer = admin.post("/admin/keys", json={"name": "ci", "account": "boss", **body})
    key = good(answer)

    keys.NewAdminKey.model_validate(key)
    assert answer.headers["cache-control"] == "no-store"
    assert {name: key[name] for name in body} == body
    secret = key.pop("secret")
    assert key["hint"].startswith(secret[:6])
    assert good(admin.get(f"/admin/keys/{key['id']}")) == key
    keys.AdminKey.model_validate(key)
    with client_with(server, secret) as client:
        made(client.post(PATH, json=task_body()))
        refused(client.post(PATH, json=task_body()), 429, "spend_limit_exceeded", "billing_error")
        clock.advance(timedelta(days=2))
        refused(client.get("/credits"), 401, "invalid_api_key", "authentication_error")


def test_a_change_holds_from_the_next_request_and_null_lifts_a_limit(
    admin: httpx.Client, server: LiveServer
) -> None:
    key = new_key(admin, account="boss", spend_total=0, networks=["10.0.0.0/8"])
    path = f"/admin/keys/{key['id']}"
    with client_with(server, key["secret"]) as client:
        refused(client.get("/credits"), 403, "ip_not_allowed", "permission_error")
        good(admin.patch(path, json={"networks": []}))
        good(client.get("/credits"))
        refused(client.post(PATH, json=task_body()), 429, "spend_limit_exceeded", "billing_error")
        changed = good(admin.patch(path, json={"spend_total": None, "name": "n"}))
        assert (changed["spend_total"], changed["name"]) == (None, "n")
        made(client.post(PATH, json=task_body()))
        disabled = good(admin.patch(path, json={"disabled": True}))
        assert disabled["disabled_at"]
        refused(client.get("/credits"), 401, "invalid_api_key", "authentication_error")
        assert good(admin.patch(path, json={"disabled": False}))["disabled_at"] is None
        good(client.get("/credits"))
        good(admin.patch(path, json={"scopes": ["videos"]}))
        refused(client.get("/credits"), 403, "insufficient_permissions", "permission_error")
        revoked = good(admin.delete(path))
        assert revoked["revoked_at"]
        assert good(admin.delete(path)) == revoked
        refused(client.get("/credits"), 401, "invalid_api_key", "authentication_error")
    assert "revoked" in invalid(admin.patch(path, json={"disabled": False}))


def test_an_administrator_cannot_shut_themselves_out(admin: httpx.Client) -> None:
    path = f"/admin/keys/{own_key(admin)['id']}"

    for answer in (admin.delete(path), admin.patch(path, json={"disabled": True})):
        assert "you are using" in invalid(answer)

    good(admin.get(path))


def test_callback_headers_are_set_listed_and_removed(admin: httpx.Client) -> None:
    path = "/admin/accounts/boss/callback_headers"
    made_ = good(admin.put(f"{path}/X-Api-Key", json={"value": "hush"}))
    again = good(admin.put(f"{path}/x-api-key", json={"value": "other"}))
    for number in range(9):
        good(admin.put(f"{path}/x-{number}", json={"value": "v"}))

    callback_headers.AdminCallbackHeader.model_validate(made_)
    assert made_["name"] == again["name"] == "x-api-key"
    assert "at most 10" in invalid(admin.put(f"{path}/x-9", json={"value": "v"}))
    answer = admin.get(path)
    callback_headers.CallbackHeaderList.model_validate(good(answer))
    assert "hush" not in answer.text
    left = good(admin.delete(f"{path}/X-API-KEY"))
    assert [one["name"] for one in left["data"]] == [f"x-{number}" for number in range(9)]


def test_keys_are_listed_by_account_and_in_pages(admin: httpx.Client) -> None:
    good(admin.post("/admin/accounts", json={"name": "acme"}))
    ids = [new_key(admin, account="acme", name=f"k{number}")["id"] for number in range(3)]
    good(admin.delete(f"/admin/keys/{ids[1]}"))

    page = good(admin.get("/admin/keys", params={"account": "acme", "limit": 2}))
    rest = good(admin.get("/admin/keys", params={"account": "acme", "cursor": page["next_cursor"]}))
    everybody = good(admin.get("/admin/keys"))

    keys.KeyPage.model_validate(page)
    assert [one["id"] for one in (*page["data"], *rest["data"])] == ids
    assert all("secret" not in one for one in everybody["data"])
    assert {"boss", "acme"} <= {one["account"] for one in everybody["data"]}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "accounts", {}),
        ("POST", "accounts", {"name": "no spaces"}),
        ("POST", "accounts", {"name": "x", "plan": "gold"}),
        ("POST", "accounts", {"name": "x", "credits": -1}),
        ("POST", "accounts", {"name": "x", "credits": 1, "unlimited": True}),
        ("POST", "accounts", {"name": "x", "credit": 1}),
        ("PATCH", "accounts/boss", {"plan": 7}),
        ("PATCH", "accounts/boss", {"name": "other"}),
        ("POST", "accounts/boss/grants", {}),
        ("POST", "accounts/boss/grants", {"credits": 0}),
        ("POST", "accounts/boss/grants", {"credits": "many"}),
        ("POST", "keys", {"account": "boss"}),
        ("POST", "keys", {"name": "k"}),
        ("POST", "keys", {"account": "boss", "name": "k", "spend_dya": 5}),
        ("POST", "keys", {"account": "boss", "name": "k", "spend_day": -5}),
        ("POST", "keys", {"account": "boss", "name": "k", "per_minute": 0}),
        ("POST", "keys", {"account": "boss", "name": "k", "scopes": []}),
        ("POST", "keys", {"account": "boss", "name": "k", "scopes": ["root"]}),
        ("POST", "keys", {"account": "boss", "name": "k", "scopes": "admin"}),
        ("POST", "keys", {"account": "boss", "name": "k", "models": [7]}),
        ("POST", "keys", {"account": "boss", "name": "k", "networks": ["example.com"]}),
        ("POST", "keys", {"account": "boss", "name": "k", "expires_at": 1}),
        ("POST", "keys", {"account": "boss", "name": "k\u0000"}),
        ("GET", "accounts?limit=0", None),
        ("GET", "keys?cursor=x", None),
        ("GET", "jobs?status=done", None),
        ("PUT", "accounts/boss/callback_headers/host", {"value": "x"}),
        ("PUT", "accounts/boss/callback_headers/x-a", {"value": "a\nb"}),
        ("PUT", "accounts/boss/callback_headers/x-a", {}),
        ("GET", "jobs?cursor=x", None),
        ("GET", "accounts/boss/ledger?limit=1000", None),
        ("GET", "accounts/boss/usage?from=yesterday", None),
    ],
    ids=lambda value: "body" if isinstance(value, dict) else str(value),
)
def test_what_is_wrong_is_named(
    idle_admin: httpx.Client, method: str, path: str, body: Any
) -> None:
    invalid(idle_admin.request(method, f"/admin/{path}", json=body))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "accounts/nobody"),
        ("PATCH", "accounts/nobody"),
        ("POST", "accounts/nobody/grants"),
        ("GET", "accounts/nobody/ledger"),
        ("GET", "accounts/nobody/usage"),
        ("GET", "keys?account=nobody"),
        ("GET", "accounts/nobody/callback_headers"),
        ("PUT", "accounts/nobody/callback_headers/x-a"),
        ("DELETE", "accounts/boss/callback_headers/x-none"),
        ("GET", "jobs?account=nobody"),
        ("GET", f"jobs/{UNKNOWN}"),
        ("GET", "jobs/video_1"),
        ("POST", f"jobs/{UNKNOWN}/cancel"),
        ("POST", f"jobs/{UNKNOWN}/retry"),
        ("GET", f"keys/{UNKNOWN}"),
        ("PATCH", f"keys/{UNKNOWN}"),
        ("DELETE", f"keys/{UNKNOWN}"),
        ("GET", "keys/first"),
        ("GET", "nothing"),
    ],
)
def test_what_is_not_there_is_404(idle_admin: httpx.Client, method: str, path: str) -> None:
    body = {"credits": 1} if path.endswith("grants") else {"value": "x"} if method == "PUT" else {}
    answer = idle_admin.request(method, f"/admin/{path}", json=body)
    refused(answer, 404, "not_found", BAD)


def test_keys_are_made_for_accounts_that_are_there(idle_admin: httpx.Client) -> None:
    answer = idle_admin.post("/admin/keys", json={"name": "k", "account": "nobody"})
    refused(answer, 404, "not_found", BAD)


def test_a_name_is_taken_once(idle_admin: httpx.Client) -> None:
    good(idle_admin.post("/admin/accounts", json={"name": "twice"}))
    refused(idle_admin.post("/admin/accounts", json={"name": "TWICE"}), 409, "name_taken", BAD)


def test_a_debt_cannot_be_counted(idle: LiveServer, idle_admin: httpx.Client) -> None:
    good(idle_admin.post("/admin/accounts", json={"name": "debtor", "unlimited": True}))
    key = new_key(idle_admin, account="debtor")
    with client_with(idle, key["secret"]) as client:
        made(client.post(PATH, json=task_body()))

    answer = idle_admin.patch("/admin/accounts/debtor", json={"unlimited": False})

    assert "-100" in invalid(answer)
    assert good(idle_admin.get("/admin/accounts/debtor"))["unlimited"] is True


def test_the_scope_admin_is_asked_for_everywhere(idle: LiveServer, api: httpx.Client) -> None:
    routes = operations(idle, "/v1/admin/")
    assert len(routes) > 40
    for method, path in routes:
        answer = api.request(method, path.removeprefix("/v1"), json={})
        refused(answer, 403, "insufficient_permissions", "permission_error")
        stranger = patient.request(method, f"{idle.url}{path}", json={})
        refused(stranger, 401, "invalid_api_key", "authentication_error")


def test_other_methods_are_refused_in_the_same_envelope(idle_admin: httpx.Client) -> None:
    answer = idle_admin.put("/admin/accounts", json={})
    refused(answer, 405, "method_not_allowed", BAD)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.fixture(scope="module")
def idle_admin(idle: LiveServer) -> Iterator[httpx.Client]:
    """An administrator of the idle server that the module shares."""
    with operator_client(idle) as client:
        yield client


def test_a_banned_account_is_out_by_every_door_and_comes_back(
    server: LiveServer, admin: httpx.Client
) -> None:
    with client_with(server, server.new_key("rogue")) as rogue:
        admission = server.services.core.sessions.issue("rogue", timedelta(hours=1))
        token = {"authorization": f"Bearer {admission.access.secret}"}
        assert rogue.get("/credits").status_code == 200
        assert patient.get(f"{server.url}/backend/me", headers=token).status_code == 200

        assert good(admin.patch("/admin/accounts/rogue", json={"banned": True}))["banned"]

        refused(rogue.get("/credits"), 401, "invalid_api_key", "authentication_error")
        banned = patient.get(f"{server.url}/backend/me", headers=token)
        assert (banned.status_code, banned.json()["error"]["code"]) == (401, "token_invalidated")
        renewal = {"grant_type": "refresh_token", "refresh_token": admission.refresh}
        assert patient.post(f"{server.url}/oauth/token", json=renewal).status_code == 400

        assert not good(admin.patch("/admin/accounts/rogue", json={"banned": False}))["banned"]
        assert rogue.get("/credits").status_code == 200
        ended = patient.get(f"{server.url}/backend/me", headers=token)
        assert ended.status_code == 401, "a ban ends sessions for good"


def test_nobody_bans_the_account_of_their_own_key(admin: httpx.Client) -> None:
    answer = admin.patch("/admin/accounts/boss", json={"banned": True})

    assert "cannot be banned" in invalid(answer)
    assert not good(admin.get("/admin/accounts/boss"))["banned"]


def test_a_role_is_given_by_others_only(admin: httpx.Client) -> None:
    made_ = good(admin.post("/admin/accounts", json={"name": "acme", "role": "operator"}))
    assert made_["role"] == "operator"
    assert good(admin.patch("/admin/accounts/acme", json={"role": "user"}))["role"] == "user"
    assert made_["local_only"] is False
    assert good(admin.patch("/admin/accounts/acme", json={"local_only": True}))["local_only"]
    key = good(admin.post("/admin/keys", json={"account": "acme", "name": "k"}))
    assert key["local_only"] is False  # its own: that of its account holds besides
    assert "its own role" in invalid(admin.patch("/admin/accounts/boss", json={"role": "operator"}))
    assert good(admin.patch("/admin/accounts/boss", json={"role": "user"}))["role"] == "user"
