"""A real Chromium: signed links play, the SDK runs in a page elsewhere, the API page calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browser import open_browser, serve_folder
from tests.support.hinode_process import HinodeProcess
from tests.support.live import wait_until_ended
from tests.support.sdks import PACKAGES, SCRIPTS, need
from tests.support.web_pages import visitor

pytestmark = pytest.mark.full
SECONDS = 4
# It is really drawn, on a machine that may be busy.
LIMIT = 300


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HinodeProcess]:
    process = HinodeProcess(tmp_path_factory.mktemp("browser") / "data")
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def api(server: HinodeProcess) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with serve_folder(SCRIPTS) as origin:
        opened = browser.new_page()
        opened.goto(f"{origin}/browser.html")
        opened.wait_for_function("() => window.play && window.make")
        yield opened


@pytest.mark.our_choice
def test_a_signed_link_plays_to_its_end_and_is_sought_back_and_forth(
    page: Page, api: httpx.Client
) -> None:
    body = {"prompt": "a fox runs", "seconds": str(SECONDS), "size": "1280x720"}
    made = wait_until_ended(api, api.post("/videos", json=body).json()["id"], LIMIT)
    link = api.get(f"/video/generations/{made['id']}").json()["url"]
    answers: list[int] = []
    page.on(
        "response", lambda answer: answers.append(answer.status) if answer.url == link else None
    )

    seen: Any = page.evaluate("(link) => window.play(link)", link)

    assert seen["size"] == [1280, 720]
    assert seen["duration"] == pytest.approx(SECONDS, abs=0.1)
    assert seen["seekable"] == seen["duration"]
    assert [one["second"] for one in seen["sought"]] == [3, 0.5, 2]
    # The picture moves, and a page of another origin may read it.
    assert len({one["pixels"] for one in seen["sought"]}) == 3
    assert answers
    assert set(answers) == {206}


@pytest.mark.proven_by_official_client
@pytest.mark.parametrize("package", ["openai-6", "openai-7"])
def test_the_sdk_creates_polls_and_downloads_from_a_page_of_another_origin(
    page: Page, server: HinodeProcess, package: str
) -> None:
    need((PACKAGES / package).exists(), package, "make sdks")

    seen: Any = page.evaluate(
        "(given) => window.make(...given)", [package, f"{server.address}/v1", server.key]
    )

    assert (seen["status"], seen["type"]) == ("completed", "video/mp4")
    assert seen["duration"] == pytest.approx(SECONDS, abs=0.1)
    assert seen["badSize"]["class"] == "BadRequestError"
    assert (seen["wrongKey"]["class"], seen["wrongKey"]["status"]) == ("AuthenticationError", 401)
    # Exposed by CORS: what users quote when they ask for help.
    assert seen["badSize"]["requestID"]
    assert seen["deleted"]["deleted"] is True


@pytest.mark.our_choice
@pytest.mark.parametrize("prefix", ["", "/films"])
def test_the_api_page_calls_the_server_it_was_read_from(
    browser: Browser, server: HinodeProcess, prefix: str
) -> None:
    def pass_on(route: Route) -> None:
        route.fulfill(response=route.fetch(url=route.request.url.replace(prefix, "", 1)))

    with visitor(browser, server.address + prefix) as seen:
        page = seen.page
        if prefix:
            page.route(f"**{prefix}/**", pass_on)
        page.goto(f"{seen.address}/docs")
        groups = page.locator(".opblock-tag")
        expect(groups.first).to_contain_text("OpenAI: videos")
        expect(groups.last).to_contain_text("Operations")

        page.get_by_role("button", name="Authorize").click()
        page.locator(".auth-container input").fill(server.key)
        page.get_by_role("button", name="Apply credentials").click()
        page.get_by_role("button", name="Close").click()
        page.locator("[data-tag='OpenAI: models']").click()
        listing = page.locator(".opblock", has_text="/v1/models").first
        listing.click()
        listing.get_by_role("button", name="Try it out").click()
        with page.expect_response(f"{seen.address}/v1/models") as called:
            listing.get_by_role("button", name="Execute").click()
        assert called.value.status == 200
        expect(listing.locator(".live-responses-table")).to_contain_text("sora-2-pro")
        kept = "JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie"
        assert server.key not in page.evaluate(kept)


@pytest.mark.our_choice
def test_the_api_page_fits_a_phone(browser: Browser, server: HinodeProcess) -> None:
    with visitor(browser, server.address, viewport={"width": 360, "height": 740}) as seen:
        seen.page.goto(f"{server.address}/docs")
        group = seen.page.locator("[data-tag='OpenAI: videos']")
        group.click()
        expect(seen.page.locator(".opblock", has_text="/v1/videos").first).to_be_visible()
        seen.check_layout()
        # Its description has the width of the window.
        height = group.evaluate("element => element.getBoundingClientRect().height")
        assert height < 150
