"""The admin API for engines and their accounts over real HTTP, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode import load_settings, open_services
from hinode.api.admin import engine_account_actions, engines
from hinode.core.auth.types import Scope
from hinode.media.types import MediaKind
from hinode.testing.server import LiveServer, live_server
from hinode.upstream_accounts import LeaseRequest
from tests.support import patient
from tests.support.account_pools import BlockingPool
from tests.support.accounts import operator_client
from tests.support.queued import new_jobs
from tests.support.responses import good

UNKNOWN = "01890000-0000-7000-8000-000000000000"
SECRET = "eyJ-a-very-secret-token"


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[LiveServer]:
    settings = load_settings(
        data=tmp_path,
        database=database_url,
        workers=False,
        engine="far",
        engines={"far": {"kind": "sora", "origin": "trained", "url": "http://127.0.0.1:9/backend"}},
    )
    services = open_services(settings)
    try:
        with live_server(services) as live:
            yield live
    finally:
        services.close()


@pytest.fixture
def admin(server: LiveServer) -> Iterator[httpx.Client]:
    with operator_client(server, "/v1/admin") as client:
        yield client


def secretless(answer: httpx.Response) -> dict[str, Any]:
    assert SECRET not in answer.text
    return good(answer)


def bad(answer: httpx.Response, status: int, code: str, *words: str) -> None:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code
    assert all(word in error["message"] for word in words), error
    assert SECRET not in answer.text


def test_engines_are_listed_drained_stopped_and_started(
    server: LiveServer, admin: httpx.Client
) -> None:
    found = engines.EngineList.model_validate(secretless(admin.get("/engines"))).data
    assert [(one.name, one.admin_state) for one in found] == [("far", "open")]
    assert (found[0].description, found[0].concurrency, found[0].kinds) == (None, None, [])
    assert "sora-2" in found[0].models
    core = server.services.core
    core.engines.record_offers(server.services.directory.here)
    (offered,) = engines.EngineList.model_validate(secretless(admin.get("/engines"))).data
    assert (offered.kinds, offered.hosted, offered.absent) == (["image", "video"], False, False)
    assert offered.description
    for admin_state in ("draining", "stopped", "open"):
        now = secretless(admin.patch("/engines/far", json={"admin_state": admin_state}))
        assert engines.AdminEngine.model_validate(now).admin_state == admin_state
    bad(
        admin.patch("/engines/far", json={"admin_state": "up"}),
        400,
        "invalid_request",
        "open, draining",
    )
    bad(admin.patch("/engines/far", json={}), 400, "invalid_request", "admin_state")
    bad(admin.patch("/engines/near", json={"admin_state": "open"}), 400, "invalid_request", "far")


def test_an_account_from_its_adding_to_its_removal(admin: httpx.Client) -> None:
    new = {"engine": "far", "access_token": SECRET, "label": "ann", "video_concurrency": 2}
    made = engines.AdminEngineAccount.model_validate(
        secretless(admin.post("/engine_accounts", json=new))
    )
    assert (made.state, made.video_concurrency, made.image_concurrency) == ("ready", 2, 3)
    path = f"/engine_accounts/{made.id}"
    assert secretless(admin.get(path)) == made.model_dump()
    changed = secretless(admin.patch(path, json={"enabled": False, "image_concurrency": -1}))
    assert (changed["state"], changed["image_concurrency"]) == ("disabled", -1)
    assert secretless(admin.patch(path, json={"enabled": True, "label": "b"}))["label"] == "b"
    assert secretless(admin.delete(path))["id"] == made.id
    bad(admin.get(path), 404, "not_found")


def test_accounts_come_in_pages(admin: httpx.Client) -> None:
    for number in range(3):
        secretless(
            admin.post("/engine_accounts", json={"engine": "far", "session_token": f"s{number}"})
        )
    first = engines.EngineAccountPage.model_validate(
        secretless(admin.get("/engine_accounts", params={"limit": 2, "engine": "far"}))
    )
    assert (len(first.data), first.has_more) == (2, True)
    rest = secretless(admin.get("/engine_accounts", params={"cursor": first.next_cursor}))
    assert (len(rest["data"]), rest["has_more"]) == (1, False)


def test_what_makes_no_sense_is_refused(admin: httpx.Client) -> None:
    for given, word in (
        ({"access_token": SECRET}, "engine"),
        ({"engine": "near", "access_token": SECRET}, "far"),
        ({"engine": "far"}, "token"),
        ({"engine": "far", "access_token": f"{SECRET} and more"}, "access_token"),
        ({"engine": "far", "access_token": SECRET, "proxy": "x"}, "proxy"),
        ({"engine": "far", "access_token": SECRET, "video_concurrency": -2}, "-1"),
    ):
        bad(admin.post("/engine_accounts", json=given), 400, "invalid_request", word)
    bad(admin.get("/engine_accounts", params={"engine": "near"}), 400, "invalid_request", "far")
    for path in (f"/engine_accounts/{UNKNOWN}", "/engine_accounts/nonsense"):
        bad(admin.get(path), 404, "not_found")
        bad(admin.patch(path, json={"enabled": True}), 404, "not_found")
        bad(admin.delete(path), 404, "not_found")
    made = secretless(
        admin.post("/engine_accounts", json={"engine": "far", "access_token": SECRET})
    )
    wrong = admin.patch(f"/engine_accounts/{made['id']}", json={"label": "x" * 121})
    bad(wrong, 400, "invalid_request", "label")


def test_an_account_with_jobs_stays(admin: httpx.Client, server: LiveServer) -> None:
    made = secretless(
        admin.post("/engine_accounts", json={"engine": "far", "access_token": SECRET})
    )
    services = server.services
    caller = services.core.auth.authenticate(server.new_key("maker"), Scope.VIDEOS)
    job = new_jobs(services, caller)[0]
    BlockingPool(services.core.upstreams).acquire(job, LeaseRequest(MediaKind.VIDEO))
    assert secretless(admin.get(f"/engine_accounts/{made['id']}"))["videos_running"] == 1
    bad(admin.delete(f"/engine_accounts/{made['id']}"), 409, "not_ready", "1 unfinished")


def test_accounts_are_exported_and_imported_and_the_audit_log_has_no_token(
    admin: httpx.Client,
) -> None:
    new = {"engine": "far", "access_token": SECRET, "label": "ann", "email": "a@example.com"}
    made = secretless(admin.post("/engine_accounts", json=new))
    answer = admin.post("/engine_accounts/export", json={"engine": "far"})
    export = engine_account_actions.AccountExport.model_validate(answer.json())
    (exported,) = export.tokens
    assert (exported.access_token, exported.remark) == (SECRET, "ann")
    assert answer.headers["cache-control"] == "no-store"

    secretless(admin.delete(f"/engine_accounts/{made['id']}"))
    back = {"engine": "far", **export.model_dump()}
    added = secretless(admin.post("/engine_accounts/import", json=back))
    (again,) = engine_account_actions.ImportedAccounts.model_validate(added).data
    assert (again.email, again.label) == ("a@example.com", "ann")
    for given, word in (
        ({"engine": "near", "tokens": []}, "far"),
        ({"engine": "far", "tokens": ["x"]}, "tokens[0]"),
        ({"engine": "far", "tokens": [{"at": "x"}], "mode": "st"}, "tokens[0]"),
        ({"engine": "far", "tokens": [], "mode": "all"}, "mode"),
        ({"engine": "far"}, "tokens"),
    ):
        if given.get("tokens") != []:
            bad(admin.post("/engine_accounts/import", json=given), 400, "invalid_request", word)
    bad(admin.post("/engine_accounts/export", json={"engine": "x"}), 400, "invalid_request", "far")
    log = secretless(admin.get("/audit"))["data"]
    imported, _, exporting, _ = (one["details"] for one in log)
    assert imported == {"engine": "far", "tokens": "***"}
    assert exporting == {"engine": "far"}


def test_an_account_is_tested_at_its_server(admin: httpx.Client) -> None:
    made = secretless(
        admin.post("/engine_accounts", json={"engine": "far", "access_token": SECRET})
    )
    result = secretless(admin.post(f"/engine_accounts/{made['id']}/test"))
    found = engine_account_actions.AccountTest.model_validate(result)
    assert not found.works
    assert found.problem
    bad(admin.post(f"/engine_accounts/{UNKNOWN}/test"), 404, "not_found")


ROUTES = (
    ("GET", "/engines"),
    ("PATCH", "/engines/far"),
    ("GET", "/engine_accounts"),
    ("POST", "/engine_accounts"),
    ("POST", "/engine_accounts/export"),
    ("POST", "/engine_accounts/import"),
    ("POST", f"/engine_accounts/{UNKNOWN}/test"),
    ("GET", f"/engine_accounts/{UNKNOWN}"),
    ("PATCH", f"/engine_accounts/{UNKNOWN}"),
    ("DELETE", f"/engine_accounts/{UNKNOWN}"),
)


def test_only_administrators_get_in(server: LiveServer) -> None:
    plain = {"authorization": f"Bearer {server.new_key('plain')}"}
    with patient.Client(base_url=f"{server.url}/v1/admin", timeout=30) as client:
        for method, path in ROUTES:
            bad(client.request(method, path), 401, "invalid_api_key")
            bad(client.request(method, path, headers=plain), 403, "insufficient_permissions")
