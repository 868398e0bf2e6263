"""The calls of the web app's studio over real HTTP, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.api.openai.estimates import VideoEstimate
from hinode.api.studio import me
from hinode.core.auth.types import Scope
from hinode.core.jobs.account_admin import AccountCreate
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer, live_server
from tests.support.accounts import client_with
from tests.support.people import refused

XSS = "<img src=x onerror=alert(1)>\"'</script>"


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
def api(server: LiveServer) -> Iterator[httpx.Client]:
    """A client of an account with 1000 credits."""
    server.services.core.accounts.create(AccountCreate("ann", credits=1000))
    with client_with(server, server.new_key("ann")) as client:
        yield client


def good(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def create(api: httpx.Client, **given: Any) -> str:
    """Return the id of a new video."""
    body = {"prompt": "a red fox", "model": "sora-2", "seconds": "4", **given}
    found: str = good(api.post("/videos", json=body))["id"]
    return found


def test_an_account_reads_itself(api: httpx.Client) -> None:
    create(api)
    found = good(api.get("/me"))

    me.OwnAccount.model_validate(found)
    assert (found["name"], found["role"], found["operator"]) == ("ann", "user", False)
    credits = found["credits"]
    assert credits["held"] > 0
    assert credits["balance"] == 1000 - credits["held"]
    assert found["limits"]["unfinished_jobs"] == 1
    me.StyleList.model_validate(good(api.get("/styles")))


def test_a_key_with_another_scope_is_told_so(server: LiveServer, api: httpx.Client) -> None:
    with client_with(server, server.new_key("bob", frozenset({Scope.IMAGES}))) as other:
        refused(other.get("/me"), 403, "insufficient_permissions")
        refused(other.get("/styles"), 403, "insufficient_permissions")


def test_an_estimate_is_the_price_of_the_create_and_changes_nothing(api: httpx.Client) -> None:
    wanted = {"prompt": "a red fox", "model": "sora-2", "seconds": "8", "size": "1280x720"}
    before = good(api.get("/me"))["credits"]
    found = good(api.post("/videos/estimate", json=wanted))

    VideoEstimate.model_validate(found)
    assert (found["size"], found["seconds"], found["n"]) == ("1280x720", 8.0, 1)
    assert (found["affordable"], found["refusal"]) == (True, None)
    assert found["queue"] == {"queued": 0, "running": 0}
    assert good(api.get("/me"))["credits"] == before
    good(api.post("/videos", json=wanted))
    assert good(api.get("/me"))["credits"]["held"] == found["credits"]
    later = good(api.post("/videos/estimate", json={**wanted, "has_first_frame": True}))
    assert later["queue"] == {"queued": 1, "running": 0}


def test_an_estimate_tells_what_stands_against_a_create(
    server: LiveServer, api: httpx.Client
) -> None:
    server.services.core.accounts.create(AccountCreate("poor", credits=1))
    with client_with(server, server.new_key("poor")) as poor:
        found = good(poor.post("/videos/estimate", json={"prompt": "x", "model": "sora-2"}))

    assert (found["affordable"], found["refusal"]["code"]) == (False, "insufficient_quota")
    wrong = api.post("/videos/estimate", json={"prompt": "x", "size": "1x1"})
    assert refused(wrong, 400, "unsupported_value")["param"] == "size"
    video = create(api)
    early = api.post("/videos/estimate", json={"prompt": "x", "remix_id": video})
    assert early.status_code == 400
    two = {"prompt": "x", "remix_id": video, "edit_of": video}
    refused(api.post("/videos/estimate", json=two), 400, "invalid_value")
    unknown = {"prompt": "x", "extension_of": "video_" + "0" * 32, "seconds": "4"}
    assert api.post("/videos/estimate", json=unknown).status_code == 404
