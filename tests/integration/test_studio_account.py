"""The caller's own profile, password, sessions, keys and records, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.api.studio import keys, profile, records
from hinode.core.auth import own_access
from hinode.core.auth.key_admin import KeyCreate, disable
from hinode.core.auth.login_throttle import PER_ACCOUNT
from hinode.core.auth.types import KeyLimits, Priority, Scope
from hinode.core.jobs.account_admin import AccountCreate, AccountUpdate
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.accounts import client_with
from tests.support.people import refused
from tests.support.responses import good

PASSWORD, NEW = "correct horse", "another horse"


@pytest.fixture
def server(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[LiveServer]:
    """A server that renders and delivers nothing, on either database."""
    settings = load_settings(
        data=tmp_path, database=database_url, workers=False, allow_hosts=("127.0.0.1",)
    )
    services = open_services(settings, engines=EngineRegistry([]), clock=clock)
    try:
        with live_server(services) as live:
            yield live
    finally:
        services.close()


@pytest.fixture
def page(server: LiveServer) -> Iterator[httpx.Client]:
    """A page of ours in a browser, logged in as ann, who has 1000 credits."""
    admin = server.services.core.accounts
    admin.create(AccountCreate("ann", credits=1000))
    admin.change(None, "ann", AccountUpdate(password=PASSWORD))
    with patient.Client(base_url=server.url, headers={"origin": server.url}) as client:
        assert log_in(client, PASSWORD).status_code == 200
        yield client


def log_in(client: httpx.Client, password: str) -> httpx.Response:
    given = {"username": "ann", "password": password}
    answer = client.post("/api/auth/app/login", json=given)
    if answer.status_code == 200:
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    return answer


def test_a_profile_is_changed_by_its_owner(page: httpx.Client) -> None:
    wanted = {"display_name": "Ann <b>", "username": "ann.1", "email": "ann@example.com"}
    changed = good(page.patch("/v1/me", json=wanted))

    assert {name: changed[name] for name in wanted} == wanted
    assert good(page.patch("/v1/me", json={"display_name": ""}))["display_name"] == "ann.1"
    reserved = refused(page.patch("/v1/me", json={"username": "admin"}), 409, "name_taken")
    assert reserved["param"] == "username"
    wrong = refused(page.patch("/v1/me", json={"email": "x"}), 400, "invalid_request")
    assert wrong["param"] == "email"
    assert page.patch("/v1/me", json={"role": "operator"}).status_code == 400


def test_a_new_password_ends_every_session(page: httpx.Client) -> None:
    wrong = {"current_password": NEW, "new_password": NEW}
    answer = page.post("/v1/me/password", json=wrong)
    assert refused(answer, 400, "invalid_request")["param"] == "current_password"
    good(page.post("/v1/me/password", json={"current_password": PASSWORD, "new_password": NEW}))

    assert page.get("/v1/me").status_code == 401
    assert page.post("/api/auth/app/token").status_code == 401
    assert log_in(page, PASSWORD).status_code == 401
    assert log_in(page, NEW).status_code == 200


def test_sessions_are_listed_and_ended(server: LiveServer, page: httpx.Client) -> None:
    other = server.services.core.sessions.issue("ann")
    found = good(page.get("/v1/me/sessions"))

    profile.OwnSessions.model_validate(found)
    assert [(one["audience"], one["current"]) for one in found["data"]] == [
        ("sora", False), ("app", True),
    ]  # fmt: skip
    assert found["data"][1]["client"].startswith("python-httpx")
    good(page.delete(f"/v1/me/sessions/{found['data'][0]['id']}"))
    bearer = {"authorization": f"Bearer {other.access.secret}"}
    assert page.get("/backend/me", headers=bearer).status_code == 401
    assert len(good(page.get("/v1/me/sessions"))["data"]) == 1
    strangers = server.services.core
    strangers.accounts.create(AccountCreate("bob"))
    token = strangers.sessions.issue("bob").access.secret
    session = strangers.sessions._believed(token).session_id
    refused(page.delete(f"/v1/me/sessions/{session}"), 404, "not_found")
    refused(page.delete("/v1/me/sessions/x"), 404, "not_found")


def test_own_keys_are_made_limited_and_revoked(server: LiveServer, page: httpx.Client) -> None:
    made = good(page.post("/v1/me/keys", json={"name": "ci", "scopes": ["videos"], "spend_day": 7}))
    keys.OwnApiKeyWithSecret.model_validate(made)
    with client_with(server, made["key"]) as client:
        assert client.get("/me").status_code == 200
        costly = {"prompt": "x", "model": "sora-2", "seconds": "12"}
        assert client.post("/videos", json=costly).status_code == 429
        found = good(page.get("/v1/me/keys"))
        keys.OwnApiKeyPage.model_validate(found)
        assert [(one["name"], one["spend_day"]) for one in found["data"]] == [("ci", 7)]
        assert good(page.delete(f"/v1/me/keys/{made['id']}"))["revoked_at"] is not None
        assert client.get("/me").status_code == 401
    for wrong in ({"name": "x", "scopes": ["admin"]}, {"name": ""}, {"name": "x", "per_minute": 0}):
        assert page.post("/v1/me/keys", json=wrong).status_code == 400
    server.new_key("bob")
    (bobs,) = server.services.core.keys.every()[1:]
    refused(page.delete(f"/v1/me/keys/{bobs.key.id}"), 404, "not_found")


def test_an_owner_changes_the_limits_of_a_key(server: LiveServer, page: httpx.Client) -> None:
    limits = {
        "spend_hour": 1, "spend_day": 2, "spend_total": 3, "per_minute": 60, "max_unfinished": 5,
        "models": ["sora-2"], "networks": ["127.0.0.0/8"], "max_priority": "low",
        "local_only": True, "strict_fields": True,
    }  # fmt: skip
    made = good(page.post("/v1/me/keys", json={"name": "ci", **limits}))
    path = f"/v1/me/keys/{made['id']}"
    assert {name: made[name] for name in limits} == limits
    with client_with(server, made.pop("key")) as client:
        assert good(page.get(path)) == made
        video = {"prompt": "x", "model": "sora-2", "seconds": "4"}
        assert client.post("/videos", json=video).status_code == 400
        good(page.patch(path, json={"local_only": False}))
        assert client.post("/videos", json=video).status_code == 429
        lifted: dict[str, Any] = {
            **dict.fromkeys(list(limits)[:5]),
            "models": [],
            "local_only": False,
        }
        changed = good(page.patch(path, json={**lifted, "name": "n", "strict_fields": False}))
        keys.OwnApiKey.model_validate(changed)
        wanted = {**made, **lifted, "name": "n", "strict_fields": False}
        assert changed == wanted
        good(client.post("/videos", json=video))
        good(page.patch(path, json={"scopes": ["chat"]}))
        assert client.get("/me").status_code == 403


def test_an_owner_gives_a_key_no_more_than_an_operator_would(
    server: LiveServer, page: httpx.Client
) -> None:
    page_path, core = "/v1/me/keys/", server.services.core
    wrong = page.post("/v1/me/keys", json={"name": "x", "max_priority": "high"})
    assert refused(wrong, 400, "invalid_request")["param"] == "max_priority"
    high = KeyLimits(max_priority=Priority.HIGH, spend_day=1)
    given = core.keys.create(KeyCreate("ann", "given", limits=high)).view.key
    kept = good(page.patch(f"{page_path}{given.id}", json={"spend_day": 9}))
    assert (kept["max_priority"], kept["spend_day"]) == ("high", 9)
    good(page.patch(f"{page_path}{given.id}", json={"max_priority": "normal"}))
    again = page.patch(f"{page_path}{given.id}", json={"max_priority": "high"})
    assert refused(again, 400, "invalid_request")["param"] == "max_priority"

    rights = core.keys.create(KeyCreate("ann", "rights", scopes=frozenset(Scope))).view.key
    refused(page.patch(f"{page_path}{rights.id}", json={"networks": []}), 400, "invalid_request")
    core.accounts.create(AccountCreate("bob"))
    bobs = core.keys.create(KeyCreate("bob", "b")).view.key
    for call in (page.get, page.delete, partial(page.patch, json={"name": "mine"})):
        refused(call(f"{page_path}{bobs.id}"), 404, "not_found")
    disabled = core.keys.change(None, given.id, disable).key
    assert page.patch(f"{page_path}{given.id}", json={"disabled": False}).status_code == 400
    good(page.patch(f"{page_path}{given.id}", json={"name": "n"}))
    assert core.keys.view(given.id).key.disabled_at == disabled.disabled_at


def test_an_account_makes_so_many_keys_and_not_all_at_once(
    server: LiveServer, page: httpx.Client, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_access, "MOST_KEYS", 11)
    for _ in range(PER_ACCOUNT):
        first = good(page.post("/v1/me/keys", json={"name": "k"}))["id"]
    refused(page.post("/v1/me/keys", json={"name": "k"}), 429, "rate_limit_exceeded")
    clock.advance(timedelta(seconds=61))
    good(page.post("/v1/me/keys", json={"name": "k"}))
    full = refused(page.post("/v1/me/keys", json={"name": "k"}), 400, "invalid_request")
    assert "11 keys" in full["message"]
    good(page.delete(f"/v1/me/keys/{first}"))
    good(page.post("/v1/me/keys", json={"name": "k"}))
    server.services.core.keys.create(KeyCreate("ann", "an operator's"))


def test_a_key_may_not_change_who_can_log_in(server: LiveServer, page: httpx.Client) -> None:
    with client_with(server, server.new_key("ann")) as client:
        for answer in (
            client.patch("/me", json={"email": "eve@example.com"}),
            client.post("/me/password", json={"new_password": NEW}),
            client.get("/me/sessions"),
            client.delete("/me/sessions/01890000-0000-7000-8000-000000000000"),
            client.get("/me/keys"),
            client.post("/me/keys", json={"name": "more"}),
            client.get("/me/keys/01890000-0000-7000-8000-000000000000"),
            client.patch("/me/keys/01890000-0000-7000-8000-000000000000", json={"name": "n"}),
            client.delete("/me/keys/01890000-0000-7000-8000-000000000000"),
        ):
            refused(answer, 403, "insufficient_permissions")


def test_records_tell_what_was_spent_and_sent(server: LiveServer, page: httpx.Client) -> None:
    hook = {"name": "h", "url": "http://127.0.0.1:9/", "event_types": ["video.failed"]}
    assert page.post("/v1/webhook_endpoints", json=hook).status_code == 200
    made = page.post("/v1/videos", json={"prompt": "x", "model": "sora-2", "seconds": "4"})
    job = page.post(f"/v1/videos/{made.json()['id']}/cancel")
    assert job.status_code == 200

    entries = good(page.get("/v1/me/ledger"))
    records.OwnLedgerPage.model_validate(entries)
    assert [one["kind"] for one in entries["data"]] == ["refund", "hold", "grant"]
    assert sum(one["credits"] for one in entries["data"]) == 1000
    assert {(one["engine"], one["upstream"]) for one in entries["data"]} == {(None, None)}
    assert {one["charged"] for one in entries["data"]} == {None}
    assert good(page.get("/v1/me/usage"))["data"][0]["failed"] == 1
    sent = good(page.get("/v1/me/deliveries", params={"status": "pending"}))
    records.OwnDeliveryPage.model_validate(sent)
    (one,) = sent["data"]
    assert (one["event_type"], one["url"], one["attempts"]) == ("video.failed", hook["url"], 0)
    again = good(page.post(f"/v1/me/events/{one['event_id']}/resend"))
    records.ResentEvent.model_validate(again)
    assert again["deliveries"] == 1
    assert len(good(page.get("/v1/me/deliveries"))["data"]) == 2
    assert good(page.get("/v1/me/deliveries", params={"status": "failed"}))["data"] == []
    with client_with(server, server.new_key("eve")) as other:
        refused(other.post(f"/me/events/{one['event_id']}/resend"), 404, "not_found")
        assert good(other.get("/me/deliveries"))["data"] == []
        refused(other.post("/me/events/x/resend"), 404, "not_found")
