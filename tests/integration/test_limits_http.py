"""Limits as clients of the OpenAI dialect meet them, over real HTTP and through proxies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.core.auth.key_admin import disable
from hinode.core.auth.key_limits import read_networks
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.accounts import account_with, key_of
from tests.support.openai import made, refused


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    yield from serving(tmp_path_factory.mktemp("limits"), ["127.0.0.0/8", "2001:db8:99::/48"])


@pytest.fixture(scope="module")
def trusting_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    yield from serving(tmp_path_factory.mktemp("nobody"), [])


def serving(data: Path, proxies: list[str]) -> Iterator[LiveServer]:
    settings = load_settings(
        data=data, workers=False, trusted_proxies=proxies, account_max_unfinished=3
    )
    services = open_services(settings, engines=EngineRegistry([]))
    try:
        with live_server(services) as running:
            yield running
    finally:
        services.close()


def client(server: LiveServer, account: str | None = None, **limits: object) -> httpx.Client:
    account = account or account_with(server.services)
    headers = {"authorization": f"Bearer {key_of(server.services, account, **limits)}"}
    return patient.Client(base_url=f"{server.url}/v1", headers=headers, timeout=30.0)


def create(api: httpx.Client) -> httpx.Response:
    return api.post("/videos", json={"prompt": "a fox"})


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("203.0.113.7", 200),
        ("6.6.6.6, 203.0.113.7", 200),
        ("203.0.113.7, 127.0.0.9", 200),
        ("2001:db8:1::7", 200),
        ("[2001:db8:1::7]:4711, 2001:db8:99::1", 200),
        ("203.0.113.7, 6.6.6.6", 403),
        ("203.0.113.7, nonsense", 403),
        ("2001:db8:2::7", 403),
        (None, 403),
    ],
)
def test_a_trusted_proxy_says_where_clients_are(
    server: LiveServer, forwarded: str | None, status: int
) -> None:
    networks = read_networks(["203.0.113.7", "2001:db8:1::/48"])
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    with client(server, networks=networks) as api:
        answer = api.get("/videos", headers=headers)

    assert answer.status_code == status
    if status == 403:
        refused(answer, 403, "ip_not_authorized")


def test_without_trusted_proxies_nobody_is_believed(trusting_nobody: LiveServer) -> None:
    forged = {"x-forwarded-for": "203.0.113.7"}
    with client(trusting_nobody, networks=read_networks(["203.0.113.7"])) as api:
        assert "127.0.0.1" in refused(api.get("/videos", headers=forged), 403, "ip_not_authorized")
    with client(trusting_nobody, networks=read_networks(["127.0.0.1"])) as api:
        assert api.get("/videos", headers=forged).status_code == 200


def test_requests_per_minute(server: LiveServer) -> None:
    with client(server, per_minute=3) as api:
        answers = [api.get("/videos") for _ in range(4)]

    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    refused(answers[3], 429, "rate_limit_exceeded")
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert "x-should-retry" not in answers[3].headers


def test_one_request_counts_once_however_often_its_key_is_looked_at(server: LiveServer) -> None:
    # A create proves its caller before it reads the body; files ask for two scopes in turn.
    with client(server, per_minute=2) as api:
        assert [api.get("/files").status_code for _ in range(3)] == [200, 200, 429]


def test_spending_and_jobs_at_once(server: LiveServer) -> None:
    with client(server, spend_day=150) as api:
        made(create(api))
        answer = create(api)
        refused(answer, 429, "spend_limit")
        assert answer.headers["retry-after"] == "120"
        assert answer.headers["x-should-retry"] == "false"
    with client(server, max_unfinished=1) as api:
        made(create(api))
        answer = create(api)
        refused(answer, 429, "too_many_jobs")
        assert answer.headers["retry-after"] == "15"


def test_unfinished_jobs_of_an_account_are_limited(server: LiveServer) -> None:
    account = account_with(server.services)
    with client(server, account) as one, client(server, account) as other:
        for api in (one, other, one):
            made(create(api))

        assert "account" in refused(create(other), 429, "too_many_jobs")
        (newest, *_) = one.get("/videos").json()["data"]
        assert one.delete(f"/videos/{newest['id']}").status_code == 200
        made(create(other))


def test_models_and_disabled_keys(server: LiveServer) -> None:
    account = account_with(server.services)
    secret = key_of(server.services, account, models=("sora-2-pro",))
    headers = {"authorization": f"Bearer {secret}"}
    with patient.Client(base_url=f"{server.url}/v1", headers=headers) as api:
        refused(create(api), 403, "model_not_allowed", "model")
        keys = server.services.core.keys
        keys.change(None, keys.find(secret).id, disable)
        refused(api.get("/videos"), 401, "disabled_api_key")
