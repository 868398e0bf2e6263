"""The web app in a real browser below a prefix that a proxy keeps to itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import open_browser
from tests.support.hinode_process import HinodeProcess
from tests.support.live import wait_until_ended
from tests.support.openid_provider import openid_provider
from tests.support.prefix_proxy import prefix_proxy
from tests.support.web_pages import LIMIT_MS, Visitor, log_in, visitor

pytestmark = [pytest.mark.full, pytest.mark.our_choice]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def expect_studio(seen: Visitor) -> None:
    expect(seen.page.get_by_role("textbox", name="Description of the video")).to_be_visible()
    assert seen.page.url == f"{seen.address}/app/studio"


def test_a_link_logs_in_and_a_reload_keeps_the_session_where_nobody_told_of_the_prefix(
    browser: Browser, tmp_path: Path
) -> None:
    server = HinodeProcess(tmp_path / "data")
    server.start()
    with prefix_proxy("/films", server.port) as address, visitor(browser, address) as seen:
        log_in(seen, server)
        expect_studio(seen)
        seen.page.reload()
        expect_studio(seen)
        (cookie,) = seen.page.context.cookies()
        assert (cookie["name"], cookie["path"]) == ("hinode_session", "/films/api/auth/app")
        seen.page.get_by_role("button", name="Account").click()
        seen.page.get_by_role("menuitem", name="Log out").click()
        seen.page.wait_for_url("**/films/app/login*")
        assert seen.page.context.cookies() == []
    server.stop()


def test_single_sign_on_comes_back_below_the_prefix(browser: Browser, tmp_path: Path) -> None:
    with openid_provider([{"sub": "alice"}]) as issuer:
        oidc = {"issuer": issuer, "client_id": "hinode", "client_secret": "secret", "button": "In"}
        settings = {"HINODE_OIDC": json.dumps(oidc), "HINODE_TRUSTED_PROXIES": "127.0.0.1"}
        server = HinodeProcess(tmp_path / "data", settings)
        server.start()
        with (
            prefix_proxy("/films", server.port, tells=True) as address,
            visitor(browser, address) as seen,
        ):
            # The provider's own page asks other hosts for its style, which is not our matter.
            seen.page.context.route(
                lambda url: urlsplit(url).hostname != "127.0.0.1",
                lambda route: route.fulfill(body="", content_type="text/css"),
            )
            seen.visit("/studio")
            seen.page.get_by_role("link", name="In", exact=True).click()
            seen.page.get_by_role("button", name="alice").click()
            expect_studio(seen)
            seen.page.reload()
            expect_studio(seen)
        server.stop()


@pytest.mark.parametrize("tells", [False, True])
def test_a_share_page_plays_and_the_api_page_is_silent(
    browser: Browser, tmp_path: Path, tells: bool
) -> None:
    trusted = {"HINODE_TRUSTED_PROXIES": "127.0.0.1"} if tells else {}
    server = HinodeProcess(tmp_path / "data", trusted)
    server.start()
    shape = {"model": "sy_8", "size": "640x352", "seconds": "5"}
    with server.client() as api:
        made = api.post("/videos", json={"prompt": "A kite above the dunes", **shape}).json()
        assert wait_until_ended(api, made["id"], LIMIT_MS / 1000)["status"] == "completed"
        backend = f"{server.address}/backend/project_y"
        draft = api.get(f"{backend}/profile/drafts").json()["items"][0]
        attached = [{"generation_id": draft["id"], "kind": "sora"}]
        post = api.post(f"{backend}/post", json={"attachments_to_create": attached}).json()["post"]
    with (
        prefix_proxy("/films", server.port, tells=tells) as address,
        visitor(browser, address) as seen,
    ):
        seen.page.goto(f"{address}/p/{post['id']}")
        film = seen.page.locator("video")
        expect(film).to_have_js_property("duration", 5)
        film.evaluate("(film) => film.play()")
        source = film.evaluate("(film) => film.currentSrc")
        assert re.match(f"{re.escape(address)}/files/", source)
        seen.page.goto(f"{address}/docs")
        expect(seen.page.locator(".opblock-tag").first).to_contain_text("OpenAI: videos")
    server.stop()
