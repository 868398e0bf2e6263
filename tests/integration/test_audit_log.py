"""Every act of an operator over the admin API is in the audit log once, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from hinode import load_settings, open_services
from hinode.api.routing import EndpointRoute
from hinode.core.jobs.account_admin import AccountCreate
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer, live_server
from tests.support.accounts import client_with, operator_client
from tests.support.responses import good

SECRET = "eyJ-a-very-secret-token"
HOOK = {"name": "h", "url": "http://127.0.0.1:9/", "event_types": ["video.failed"]}
VIDEO = {"prompt": "x", "model": "sora-2", "seconds": "4"}

Act = tuple[str, str, dict[str, Any], dict[str, Any] | None]
"""Method, path, path parameters, body."""


@pytest.fixture
def server(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[LiveServer]:
    """A server that renders and delivers nothing, with an engine that has accounts."""
    settings = load_settings(
        data=tmp_path,
        database=database_url,
        workers=False,
        allow_hosts=("127.0.0.1",),
        engine="far",
        engines={"far": {"kind": "sora", "origin": "trained", "url": "http://127.0.0.1:9/backend"}},
    )
    services = open_services(settings, clock=clock)
    try:
        with live_server(services) as live:
            yield live
    finally:
        services.close()


@pytest.fixture
def admin(server: LiveServer) -> Iterator[httpx.Client]:
    with operator_client(server, "") as client:
        yield client


def log(admin: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = good(admin.get("/v1/admin/audit", params={"limit": 100}))["data"]
    return found


def failed_job(server: LiveServer) -> tuple[str, str]:
    """Return the ids of a job that was canceled by its owner and of the event that tells of it."""
    server.services.core.accounts.create(AccountCreate("acme", credits=1000))
    with client_with(server, server.new_key("acme")) as owner:
        good(owner.post("/webhook_endpoints", json=HOOK))
        job = good(owner.post("/videos", json=VIDEO))["id"]
        good(owner.post(f"/videos/{job}/cancel"))
        return job, good(owner.get("/me/deliveries"))["data"][0]["event_id"]


def acts(server: LiveServer, admin: httpx.Client) -> Iterator[Act]:
    """Yield one act for each route that changes something."""
    job, event = failed_job(server)
    yield "POST", "/v1/admin/accounts", {}, {"name": "new"}
    account = {"name": "acme"}
    path = "/v1/admin/accounts/{name}"
    yield "PATCH", path, account, {"plan": "pro", "password": SECRET}
    yield "POST", path + "/grants", account, {"credits": 500}
    yield "POST", path + "/debits", account, {"credits": 5}
    yield "POST", path + "/invite", account, None
    header = {**account, "header": "x-token"}
    yield "PUT", path + "/callback_headers/{header}", header, {"value": SECRET}
    yield "DELETE", path + "/callback_headers/{header}", header, None
    yield "POST", "/v1/admin/keys", {}, {"account": "acme", "name": "audited"}
    keys = good(admin.get("/v1/admin/keys", params={"account": "acme"}))["data"]
    key = {"key_id": next(one["id"] for one in keys if one["name"] == "audited")}
    yield "PATCH", "/v1/admin/keys/{key_id}", key, {"spend_day": 5}
    yield "DELETE", "/v1/admin/keys/{key_id}", key, None
    yield "POST", "/v1/admin/jobs/{job_id}/retry", {"job_id": job}, None
    (again,) = good(admin.get("/v1/admin/jobs", params={"status": "queued"}))["data"]
    yield "POST", "/v1/admin/jobs/{job_id}/cancel", {"job_id": again["id"]}, None
    yield "POST", "/v1/admin/events/{event_id}/resend", {"event_id": event}, None
    now = int(server.services.clock.now().timestamp())
    yield "POST", "/v1/admin/clock/confirm", {}, {"time": now}
    yield "PATCH", "/v1/admin/engines/{name}", {"name": "far"}, {"admin_state": "draining"}
    accounts = "/v1/admin/engine_accounts"
    yield "POST", accounts, {}, {"engine": "far", "access_token": SECRET}
    yield "POST", accounts + "/export", {}, {"engine": "far"}
    tokens = [{"access_token": SECRET, "email": "a@example.com"}]
    yield "POST", accounts + "/import", {}, {"engine": "far", "tokens": tokens}
    one = {"account_id": good(admin.get(accounts))["data"][0]["id"]}
    yield "PATCH", accounts + "/{account_id}", one, {"label": "ann"}
    yield "POST", accounts + "/{account_id}/test", one, None
    yield "DELETE", accounts + "/{account_id}", one, None


@pytest.mark.parametrize("change", ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log"])
def test_the_database_itself_refuses_to_change_an_entry(
    server: LiveServer, admin: httpx.Client, change: str
) -> None:
    good(admin.post("/v1/admin/accounts", json={"name": "new"}))
    before = log(admin)
    with (
        pytest.raises(sa.exc.DBAPIError, match="the audit log is append-only"),
        server.services.db.write() as conn,
    ):
        conn.execute(sa.text(change))
    assert log(admin) == before


def changing_routes(server: LiveServer) -> set[str]:
    """Return every route of the admin API that is not only read."""
    routes = [one for one in server.app.routes if isinstance(one, EndpointRoute)]
    return {
        f"{method} {one.path}"
        for one in routes
        for method in one.methods or ()
        if one.path.startswith("/v1/admin/") and method not in ("GET", "HEAD")
    }


def test_each_act_is_written_once_and_without_a_secret(
    server: LiveServer, admin: httpx.Client
) -> None:
    done = []
    for method, path, params, body in acts(server, admin):
        before = log(admin)
        answer = admin.request(method, path.format(**params), json=body)
        assert answer.status_code == 200, (method, path, answer.text)
        new = log(admin)[: len(log(admin)) - len(before)]
        assert [one["action"] for one in new] == [f"{method} {path}"]
        assert new[0]["subject"] == ", ".join(params.values())
        assert SECRET not in json.dumps(new)
        done.append(new[0]["action"])
    assert set(done) == changing_routes(server)
    assert len(done) == len(set(done))
