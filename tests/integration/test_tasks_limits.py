"""Limits of keys as clients of the tasks dialect meet them, by the documented codes."""

from __future__ import annotations

import time
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.core.auth.key_admin import KeyCreate, disable
from hinode.core.auth.types import KeyLimits
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.tasks import PATH, made, refused, task_body

pytestmark = pytest.mark.from_captured_traffic


def client(idle: LiveServer, limits: KeyLimits, name: str = "limited") -> httpx.Client:
    idle.new_key("limited")
    key = idle.services.core.keys.create(KeyCreate("limited", name, limits=limits))
    headers = {"authorization": f"Bearer {key.secret}"}
    return patient.Client(base_url=f"{idle.url}/v1", headers=headers, timeout=20.0)


def test_requests_come_too_often(idle: LiveServer) -> None:
    with client(idle, KeyLimits(per_minute=2)) as api:
        answers = [api.get("/credits") for _ in range(3)]

    refused(answers[2], 429, "rate_limit_exceeded", "rate_limit_error")
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    "limits", [KeyLimits(spend_hour=150), KeyLimits(spend_day=150), KeyLimits(spend_total=150)]
)
def test_a_key_spends_no_more_than_it_may(idle: LiveServer, limits: KeyLimits) -> None:
    with client(idle, limits) as api:
        first = made(api.post(PATH, json=task_body()))

        refused(api.post(PATH, json=task_body()), 429, "spend_limit_exceeded", "billing_error")

        assert api.get("/tasks").json()["data"][0]["id"] == first


def test_jobs_at_once_are_limited(idle: LiveServer) -> None:
    with client(idle, KeyLimits(max_unfinished=1)) as api:
        first = made(api.post(PATH, json=task_body()))
        refused(api.post(PATH, json=task_body()), 429, "rate_limit_exceeded", "rate_limit_error")
        assert api.delete(f"/tasks/{first}").status_code == 200
        made(api.post(PATH, json=task_body()))


def test_a_key_is_refused_from_elsewhere(idle: LiveServer) -> None:
    with client(idle, KeyLimits(networks=(ip_network("203.0.113.0/24"),))) as api:
        for method, path in (("GET", "/credits"), ("POST", PATH), ("GET", "/tasks/x")):
            refused(api.request(method, path), 403, "ip_not_allowed", "permission_error")


@pytest.mark.our_choice
def test_a_key_is_for_its_models_only(idle: LiveServer) -> None:
    with client(idle, KeyLimits(models=("sora-2-pro",))) as api:
        refused(api.post(PATH, json=task_body()), 403, "model_not_allowed", "permission_error")
        made(api.post(PATH, json={**task_body(), "model": "sora-2-pro"}))


def test_disabled_and_expired_keys_are_invalid(idle: LiveServer) -> None:
    keys = idle.services.core.keys
    with client(idle, KeyLimits(), "to be disabled") as api:
        assert api.get("/credits").status_code == 200
        keys.change(None, keys.find("to be disabled").id, disable)
        refused(api.get("/credits"), 401, "invalid_api_key", "authentication_error")
    soon = idle.services.clock.now() + timedelta(milliseconds=500)
    key = keys.create(KeyCreate("limited", "short", expires_at=soon)).secret
    headers = {"authorization": f"Bearer {key}"}
    while (answer := patient.get(f"{idle.url}/v1/credits", headers=headers)).status_code == 200:
        time.sleep(0.02)
    refused(answer, 401, "invalid_api_key", "authentication_error")


def test_a_full_queue_is_an_upstream_that_cannot_now(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path, workers=False, queue_limit=1)
    services = open_services(settings, engines=EngineRegistry([]))
    with live_server(services) as server, client(server, KeyLimits()) as api:
        made(api.post(PATH, json=task_body()))

        answer = api.post(PATH, json=task_body())

        refused(answer, 503, "upstream_error", "upstream_error")
        assert int(answer.headers["retry-after"]) > 0
        assert api.get("/credits").json()["held"] == 100
    services.close()
