"""The calls of the web app's studio over real HTTP, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.api.openai.estimates import VideoEstimate
from hinode.api.studio import jobs, me
from hinode.api.studio.job_objects import StudioJob
from hinode.core import list_walk
from hinode.core.auth.types import Scope
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.library import UNDO_WINDOW
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer, live_server
from tests.support.accounts import client_with
from tests.support.people import refused
from tests.support.responses import good

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


def test_the_library_is_one_list_that_is_searched_and_filtered(api: httpx.Client) -> None:
    fox = create(api, prompt="A red FOX runs, 100% real")
    cat = create(api, prompt="画小猫", seed=7)
    good(api.post(f"/videos/{cat}/cancel"))

    def found(**query: Any) -> list[str]:
        page = good(api.get("/jobs", params=query))
        jobs.LibraryPage.model_validate(page)
        return [one["video_id"] for one in page["data"]]

    assert found() == found(kind="video") == [cat, fox]
    assert (
        found(q="fox", kind="video") == found(q="100%") == found(status="queued,running") == [fox]
    )
    assert found(q="小猫") == found(status="canceled", model="sora-2") == [cat]
    assert found(q="_") == found(kind="image", status="failed") == found(favorite=True) == []
    created = good(api.get(f"/jobs/{fox}"))["created_at"]
    assert found(created_after=created) == [cat, fox]
    assert found(created_before=created) == []
    first = good(api.get("/jobs", params={"limit": 1}))
    assert first["has_more"]
    assert found(limit=1, cursor=first["next_cursor"]) == [fox]
    wrong = refused(api.get("/jobs", params={"status": "queued,lost"}), 400, "invalid_request")
    assert wrong["param"] == "status"


def test_a_search_continues_where_a_page_has_stopped(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_walk, "MOST_ROWS", 2)
    prompts = ("Лиса in snow", "a cat", "a cat", "a cat", "a fox", "a fox")
    oldest, *_, second, newest = (create(api, prompt=one) for one in prompts)

    def pages(**query: Any) -> list[list[str]]:
        found: list[list[str]] = []
        cursor = None
        while not found or cursor is not None:
            page = good(
                api.get("/jobs", params={**query, **({"cursor": cursor} if cursor else {})})
            )
            found.append([one["video_id"] for one in page["data"]])
            cursor = page["next_cursor"]
            assert page["has_more"] is (cursor is not None)
        return found

    assert pages(q="лИСА") == [[], [], [oldest], []]
    assert pages(q="FOX", limit=1) == [[newest], [second], [], []]
    assert pages(q="Лиса", status="queued", model="sora-2") == [[], [], [oldest], []]
    assert pages(q="dog", status="failed") == [[]]
    assert pages(favorite=True, q="Лиса") == [[]]
    unmarked, whole = pages(favorite=False), pages(limit=4)
    assert [*chain(*unmarked)] == [*chain(*whole)]


def test_a_job_is_named_and_marked(server: LiveServer, api: httpx.Client) -> None:
    video = create(api, prompt=XSS)
    changed = good(api.patch(f"/jobs/{video}", json={"title": XSS, "favorite": True}))

    StudioJob.model_validate(changed)
    assert (changed["title"], changed["prompt"], changed["favorite"]) == (XSS, XSS, True)
    (listed,) = good(api.get("/jobs?favorite=true&q=onerror"))["data"]
    assert listed["id"] == changed["id"]
    unchanged = good(api.patch(f"/jobs/{changed['id']}", json={}))
    assert (unchanged["title"], unchanged["favorite"]) == (XSS, True)
    assert good(api.patch(f"/jobs/{video}", json={"title": " "}))["title"] is None
    too_long = api.patch(f"/jobs/{video}", json={"title": "x" * 201})
    assert refused(too_long, 400, "invalid_request")["param"] == "title"
    assert good(api.post(f"/jobs/{video}/cancel"))["status"] == "canceled"
    with client_with(server, server.new_key("eve")) as other:
        for answer in (
            other.get(f"/jobs/{video}"),
            other.patch(f"/jobs/{video}", json={"title": "mine"}),
            other.post(f"/jobs/{video}/cancel"),
            other.post("/jobs/delete", json={"ids": [video]}),
            other.post("/jobs/restore", json={"ids": [video]}),
            other.post("/jobs/archive", json={"ids": [video]}),
        ):
            refused(answer, 404, "not_found")


def test_a_delete_is_for_good_after_five_minutes(
    server: LiveServer, api: httpx.Client, clock: FakeClock
) -> None:
    ids = [create(api), create(api)]
    deleted = good(api.post("/jobs/delete", json={"ids": ids}))

    jobs.DeletedJobs.model_validate(deleted)
    assert good(api.get("/me"))["credits"]["held"] == 0
    for one in ids:
        assert api.get(f"/jobs/{one}").status_code == 404
        assert api.get(f"/videos/{one}").status_code == 404
    assert good(api.get("/jobs"))["data"] == []

    restored = good(api.post("/jobs/restore", json={"ids": ids[:1]}))
    jobs.RestoredJobs.model_validate(restored)
    assert good(api.get(f"/jobs/{ids[0]}"))["status"] == "canceled"
    refused(api.post("/jobs/restore", json={"ids": ids}), 404, "not_found")

    library = server.services.core.library
    assert library.erase_deleted() == 0
    clock.advance(UNDO_WINDOW)
    refused(api.post("/jobs/restore", json={"ids": ids[1:]}), 404, "not_found")
    assert library.erase_deleted() == 1
    assert library.erase_deleted() == 0
    assert good(api.get(f"/jobs/{ids[0]}"))["prompt"] == "a red fox"


def test_one_unknown_id_deletes_nothing(api: httpx.Client) -> None:
    video = create(api)
    unknown = "video_" + "0" * 32
    refused(api.post("/jobs/delete", json={"ids": [video, unknown]}), 404, "not_found")
    assert good(api.get(f"/jobs/{video}"))["status"] == "queued"
    refused(api.post("/jobs/delete", json={"ids": []}), 400, "invalid_request")
    refused(api.post("/jobs/delete", json={"ids": ["x"]}), 404, "not_found")
    refused(api.post("/jobs/archive", json={"ids": [video]}), 409, "not_ready")
