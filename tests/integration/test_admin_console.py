"""What the operators' console reads over HTTP, on both databases: audit log, reports, filters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.api.admin import accounts, audit, jobs, reports
from hinode.api.admin import server as server_routes
from hinode.core import list_walk
from hinode.core.accounts import invites
from hinode.core.jobs.account_admin import AccountCreate
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer, live_server
from tests.support.accounts import client_with, operator_client
from tests.support.responses import good
from tests.support.tasks import invalid, refused

NOT_FOUND = "invalid_request_error"


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
def admin(server: LiveServer) -> Iterator[httpx.Client]:
    with operator_client(server) as client:
        yield client


def client(server: LiveServer, name: str) -> httpx.Client:
    server.services.core.accounts.create(AccountCreate(name, credits=1000))
    return client_with(server, server.new_key(name))


def create(api: httpx.Client, **given: Any) -> str:
    made = api.post("/videos", json={"prompt": "x", "model": "sora-2", "seconds": "4", **given})
    found: str = good(made)["id"]
    return found


def entries(admin: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    page = good(admin.get("/admin/audit", params=query))
    audit.AuditPage.model_validate(page)
    found: list[dict[str, Any]] = page["data"]
    return found


def test_the_audit_log_tells_who_did_what_and_no_secret(admin: httpx.Client) -> None:
    good(admin.post("/admin/accounts", json={"name": "acme", "plan": "plus"}))
    path = "/admin/accounts/acme/callback_headers/x-token"
    good(admin.put(path, json={"value": "very secret"}))
    invalid(admin.patch("/admin/accounts/acme", json={"plan": "gold"}))
    assert admin.patch("/admin/accounts/nobody", json={"plan": "pro"}).status_code == 404
    good(admin.patch("/admin/accounts/acme", json={"banned": True}))

    ban, header, made = entries(admin)
    assert (ban["action"], ban["subject"]) == ("PATCH /v1/admin/accounts/{name}", "acme")
    assert ban["source"] == "api"
    assert (ban["account"], ban["details"]) == ("boss", {"banned": True})
    assert (ban["address"], ban["key_id"] is None) == ("127.0.0.1", False)
    assert (header["subject"], header["details"]) == ("acme, x-token", {"value": "***"})
    assert made["details"] == {"name": "acme", "plan": "plus"}
    assert [one["id"] for one in entries(admin, q="callback", account="boss")] == [header["id"]]
    assert entries(admin, account="acme") == []
    (first,) = entries(admin, limit=1)
    assert [one["id"] for one in entries(admin, limit=1, cursor=first["id"])] == [header["id"]]
    for method in ("POST", "PATCH", "DELETE"):
        assert admin.request(method, "/admin/audit").status_code == 405


def test_a_filter_of_the_audit_log_continues_where_a_page_has_stopped(
    admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_walk, "MOST_ROWS", 2)
    good(admin.post("/admin/accounts", json={"name": "acme"}))
    good(admin.post("/admin/accounts/acme/grants", json={"credits": 5}))
    for name in ("beta", "ceta", "deta"):
        good(admin.post("/admin/accounts", json={"name": name}))

    found: list[list[str]] = []
    cursor: dict[str, str] = {}
    while not found or cursor:
        page = good(admin.get("/admin/audit", params={"q": "grants", "account": "boss", **cursor}))
        found.append([one["subject"] for one in page["data"]])
        assert page["has_more"] is (page["next_cursor"] is not None)
        cursor = {"cursor": page["next_cursor"]} if page["has_more"] else {}
    assert found == [[], ["acme"], []]


def test_an_act_that_needs_two_transactions_is_in_the_log_once(admin: httpx.Client) -> None:
    good(admin.post("/admin/accounts", json={"name": "acme"}))
    headers = {"idempotency-key": "once"}
    for _ in range(2):
        good(admin.post("/admin/accounts/acme/grants", json={"credits": 5}, headers=headers))

    assert [one["action"] for one in entries(admin, q="grants")] == [
        "POST /v1/admin/accounts/{name}/grants"
    ]


def test_jobs_are_filtered_by_several_statuses_engine_and_time(
    server: LiveServer, admin: httpx.Client
) -> None:
    with client(server, "ann") as ann, client(server, "bob") as bob:
        queued, canceled, other = create(ann), create(ann), create(bob)
        good(ann.post(f"/videos/{canceled}/cancel"))

    def found(**query: Any) -> list[str]:
        page = good(admin.get("/admin/jobs", params=query))
        jobs.AdminJobPage.model_validate(page)
        return ["video_" + one["id"].replace("-", "") for one in page["data"]]

    assert found(status="queued,canceled") == [other, canceled, queued]
    assert found(status="queued,canceled", account="ann") == [canceled, queued]
    assert found(status="queued,completed") == [other, queued]
    assert found(status="failed,canceled", limit=1) == [canceled]
    assert found(engine="nothing") == []
    created, newest = (good(admin.get(f"/admin/jobs/{one}")) for one in (queued, other))
    assert found(engine=created["engine"], created_after=created["created_at"]) == [
        other, canceled, queued,
    ]  # fmt: skip
    assert found(created_before=created["created_at"]) == []
    assert found(model="sora-2", status="queued", limit=1) == [other]
    assert found(model="sora-2", status="queued", cursor=newest["id"]) == [queued]
    assert found(engine=created["engine"], status="canceled") == [canceled]
    assert found(engine=created["engine"], model="sora-2", account="bob") == [other]
    assert found(engine="nothing", account="ann") == found(model="nothing") == []
    invalid(admin.get("/admin/jobs", params={"status": "queued,lost"}))


@pytest.mark.parametrize("groups", ["day", "account,model", "day,account,key,engine", "engine"])
def test_usage_is_the_same_however_it_is_grouped(
    server: LiveServer, admin: httpx.Client, groups: str
) -> None:
    with client(server, "ann") as ann, client(server, "bob") as bob:
        create(ann)
        good(ann.post(f"/videos/{create(ann)}/cancel"))
        create(bob, model="sora-2-pro")
    report = good(admin.get("/admin/usage", params={"group": groups}))

    reports.UsageReport.model_validate(report)
    assert report["group"] == groups.split(",")
    data = report["data"]
    assert (report["jobs"], sum(one["failed"] for one in data)) == (3, 1)
    held = [good(admin.get(f"/admin/accounts/{name}"))["held"] for name in ("ann", "bob")]
    assert report["credits"] == sum(held)
    if "account" in groups:
        assert {one["account"] for one in data} == {"ann", "bob"}
    assert {one["day"] for one in data} == ({report["last"]} if "day" in groups else {None})
    assert all((one["key_name"] == "test") is ("key" in groups) for one in data)
    invalid(admin.get("/admin/usage", params={"group": "colour"}))


def test_ledger_and_deliveries_of_all_accounts(server: LiveServer, admin: httpx.Client) -> None:
    with client(server, "ann") as ann, client(server, "bob") as bob:
        hook = {"name": "h", "url": "http://127.0.0.1:9/", "event_types": ["video.failed"]}
        good(ann.post("/webhook_endpoints", json=hook))
        good(ann.post(f"/videos/{create(ann)}/cancel"))
        create(bob)

    page = good(admin.get("/admin/ledger"))
    reports.AllLedgerPage.model_validate(page)
    assert {one["account"] for one in page["data"]} >= {"ann", "bob"}
    only = good(admin.get("/admin/ledger", params={"account": "ann", "kind": "refund"}))["data"]
    assert [(one["account"], one["kind"]) for one in only] == [("ann", "refund")]
    sent = good(admin.get("/admin/deliveries", params={"account": "ann", "status": "pending"}))
    reports.DeliveryPage.model_validate(sent)
    (one,) = sent["data"]
    again = good(admin.post(f"/admin/events/{one['event_id']}/resend"))
    reports.AdminResentEvent.model_validate(again)
    assert len(good(admin.get("/admin/deliveries"))["data"]) == 2
    assert good(admin.get("/admin/deliveries", params={"account": "bob"}))["data"] == []
    refused(admin.post("/admin/events/evt_x/resend"), 404, "not_found", NOT_FOUND)
    refused(admin.get("/admin/deliveries?account=x"), 404, "not_found", NOT_FOUND)


def test_accounts_are_found_debited_and_given_a_new_identity(
    server: LiveServer, admin: httpx.Client
) -> None:
    good(admin.post("/admin/accounts", json={"name": "acme", "credits": 100, "role": "operator"}))
    good(admin.post("/admin/accounts", json={"name": "beta_1"}))
    changed = good(
        admin.patch(
            "/admin/accounts/acme",
            json={"email": "Zoe@example.com", "username": "zoe.z", "password": "correct horse"},
        )
    )
    assert (changed["email"], changed["username"]) == ("zoe@example.com", "zoe.z")
    good(admin.patch("/admin/accounts/beta_1", json={"banned": True}))

    def found(**query: Any) -> list[str]:
        page = good(admin.get("/admin/accounts", params=query))
        accounts.AccountPage.model_validate(page)
        return [one["name"] for one in page["data"]]

    assert found(q="ACM") == found(q="zoe@") == found(q="zoe.") == ["acme"]
    assert found(q="a_1") == found(banned=True) == ["beta_1"]
    assert "beta_1" not in found(banned=False)
    assert found(role="operator", q="acme") == ["acme"]
    assert good(admin.post("/admin/accounts/acme/debits", json={"credits": 40}))["balance"] == 60
    invalid(admin.post("/admin/accounts/acme/debits", json={"credits": 61}))
    (newest, _) = good(admin.get("/admin/accounts/acme/ledger"))["data"]
    assert (newest["kind"], newest["credits"]) == ("grant", -40)
    invite = good(admin.get("/admin/accounts/acme/invite"))
    accounts.AdminInvite.model_validate(invite)
    renewed = good(admin.post("/admin/accounts/acme/invite"))
    assert renewed == {**invite, "code": renewed["code"]} != invite
    assert renewed == good(admin.get("/admin/accounts/acme/invite"))
    with server.services.db.read() as conn:
        assert invites.host_of(conn, renewed["code"])
        assert invites.host_of(conn, invite["code"]) is None, "the old one is refused"
    assert [one["details"] for one in entries(admin, q="PATCH", account="boss")][-1] == {
        "email": "Zoe@example.com", "username": "zoe.z", "password": "***",
    }  # fmt: skip


def test_accounts_are_sorted_either_way_over_pages(server: LiveServer, admin: httpx.Client) -> None:
    accounts_of = server.services.core.accounts
    for name, credits, unlimited in (("Cid", 5, False), ("bea", 9, False), ("dan", 0, True)):
        accounts_of.create(AccountCreate(name, credits=credits, unlimited=unlimited))

    def found(sort: str) -> list[str]:
        names: list[str] = []
        query: dict[str, Any] = {"limit": 2, "sort": sort}
        while True:
            page = good(admin.get("/admin/accounts", params=query))
            names += [one["name"] for one in page["data"] if one["name"] != "boss"]
            if not page["has_more"]:
                return names
            query["cursor"] = page["next_cursor"]

    by_name, by_balance = ["bea", "Cid", "dan"], ["Cid", "bea", "dan"]
    assert (found("name"), found("-name")) == (by_name, by_name[::-1])
    assert (found("balance"), found("-balance")) == (by_balance, by_balance[::-1])
    assert (found("created"), found("-created")) == (["Cid", "bea", "dan"], ["dan", "bea", "Cid"])
    assert sorted(found("spent")) == sorted(by_name)
    invalid(admin.get("/admin/accounts", params={"sort": "colour"}))
    unknown = {"cursor": "01890000-0000-7000-8000-000000000000"}
    assert good(admin.get("/admin/accounts", params=unknown))["data"] == []


def test_workers_settings_and_health_are_read(admin: httpx.Client) -> None:
    found = good(admin.get("/admin/workers"))
    server_routes.WorkerList.model_validate(found)
    settings = good(admin.get("/admin/settings"))
    server_routes.SettingList.model_validate(settings)
    by_name = {one["name"]: one for one in settings["data"]}
    assert by_name["workers"] == {
        "name": "workers", "value": False, "source": "argument", "place": None,
    }  # fmt: skip
    assert by_name["signup"]["source"] == "default"
    health = good(admin.get("/admin/health"))
    server_routes.Health.model_validate(health)
    assert (health["database"], health["storage"], health["workers"]) == (True, True, False)
    assert health["free_bytes"] > 0
