"""The web app in a real browser: from the log-in link to a played video, and what goes wrong."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.support.browser import open_browser
from tests.support.hinode_process import HinodeProcess, hinode
from tests.support.live import wait_until_ended
from tests.support.prefix_proxy import prefix_proxy
from tests.support.web_pages import LIMIT_MS, log_in, visitor

pytestmark = pytest.mark.full

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True,
    "locale": "zh-CN", "color_scheme": "dark",
}  # fmt: skip
SMALL = {"model": "sy_8", "size": "640x352", "seconds": "5"}
"""What is drawn soonest."""
FOREIGN = "lan.example"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HinodeProcess]:
    process = HinodeProcess(tmp_path_factory.mktemp("web") / "data", {"HINODE_SIGNUP": "off"})
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def api(server: HinodeProcess) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # A name of another machine, which browsers do not trust as they trust this one.
    with open_browser(f"--host-resolver-rules=MAP {FOREIGN} 127.0.0.1") as opened:
        yield opened


@pytest.fixture(scope="module")
def made(api: httpx.Client) -> str:
    """The id of a finished video."""
    body = {"prompt": "A paper boat drifts down a stream in the rain", **SMALL}
    video = wait_until_ended(api, api.post("/videos", json=body).json()["id"], LIMIT_MS / 1000)
    assert video["status"] == "completed"
    found: str = video["id"]
    return found


def describe(page: Page, prompt: str) -> None:
    page.get_by_role("textbox", name="Description of the video").fill(prompt)


def begin(api: httpx.Client, prompt: str, trouble: str) -> str:
    body = {"prompt": prompt, **SMALL}
    answer = api.post("/videos", json=body, headers={"hinode-simulate": trouble})
    found: str = answer.json()["id"]
    return found


@pytest.mark.our_choice
def test_a_new_user_comes_from_the_link_to_a_played_video(
    browser: Browser, server: HinodeProcess
) -> None:
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        assert "#" not in seen.page.url
        expect(seen.page.get_by_text("Your videos will be here")).to_be_visible()
        seen.check_access()

        describe(seen.page, "A lighthouse above the sea at dusk, waves roll in")
        seen.page.get_by_role("button", name="Style: No style").click()
        seen.page.get_by_role("radio", name="Golden hour").click()
        expect(seen.page.get_by_text("100 credits").first).to_be_visible()
        seen.page.get_by_role("button", name="Create", exact=True).click()
        card = seen.page.get_by_role("article").filter(has_text="A lighthouse above the sea")
        expect(card.get_by_text("0:04")).to_be_visible()
        seen.check_layout()
        seen.check_access()

        card.get_by_role("link").first.click()
        player = seen.page.locator("video")
        player.evaluate("video => { video.muted = true; return video.play(); }")
        seen.page.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
        seen.page.get_by_role("button", name="Pause").click()
        before = player.evaluate("video => video.currentTime")
        seen.page.get_by_role("button", name="Next frame").click()
        seen.page.wait_for_function(
            "at => document.querySelector('video').currentTime > at", arg=before
        )
        after = player.evaluate("video => video.currentTime")
        assert after - before < 0.1
        seen.check_layout()
        seen.check_access()


@pytest.mark.our_choice
def test_a_first_frame_is_picked_and_sent(
    browser: Browser, server: HinodeProcess, api: httpx.Client
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (720, 1280), "#356").save(picture, "PNG")
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        file = FilePayload(name="pond.png", mimeType="image/png", buffer=picture.getvalue())
        seen.page.locator("input[type=file]").first.set_input_files(file)
        expect(seen.page.get_by_role("button", name="Remove the picture")).to_be_visible()
        describe(seen.page, "The pond freezes over")
        with seen.page.expect_response("**/v1/videos") as request:
            seen.page.get_by_role("button", name="Create", exact=True).click()
        assert "input_reference" in (request.value.request.post_data_json or {})
        ended = wait_until_ended(api, request.value.json()["id"], LIMIT_MS / 1000)
        assert ended["status"] == "completed"


@pytest.mark.our_choice
def test_a_remix_begins_from_a_card(browser: Browser, server: HinodeProcess, made: str) -> None:
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        card = seen.page.get_by_role("article").filter(has_text="A paper boat drifts").last
        card.get_by_role("button", name="Actions").click()
        seen.page.get_by_role("menuitem", name="Remix").click()
        expect(seen.page.get_by_text("A remix of")).to_be_visible()
        describe(seen.page, "The boat is red")
        with seen.page.expect_response("**/remix") as request:
            seen.page.get_by_role("button", name="Remix", exact=True).click()
        assert request.value.json()["remixed_from_video_id"] == made


@pytest.mark.our_choice
def test_a_running_video_is_canceled(
    browser: Browser, server: HinodeProcess, api: httpx.Client
) -> None:
    video = begin(api, "A clock without hands", "slow=300")
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        seen.visit(f"/studio/videos/{video}")
        seen.page.get_by_role("button", name="Cancel").click()
        expect(seen.page.get_by_text("Its credits were given back")).to_be_visible()
    assert api.get(f"/videos/{video}").json()["error"]["code"] == "canceled"


@pytest.mark.our_choice
def test_an_account_without_credits_logs_in_by_password_under_another_name_and_is_told(
    browser: Browser, server: HinodeProcess, api: httpx.Client
) -> None:
    api.post("/admin/accounts", json={"name": "poor", "plan": "free", "credits": 10})
    words = ("account", "password", "poor", "--data", str(server.data))
    assert hinode(*words, stdin="correct horse battery\n").returncode == 0
    with visitor(browser, f"http://{FOREIGN}:{server.port}") as seen:
        seen.visit("/studio")
        seen.page.get_by_label("E-mail address or name").fill("poor")
        seen.page.get_by_role("textbox", name="Password").fill("correct horse battery")
        seen.check_access()
        seen.page.get_by_role("button", name="Log in", exact=True).click()
        describe(seen.page, "A castle of gold")
        expect(seen.page.get_by_role("link", name="Console")).to_have_count(0)
        seen.page.get_by_role("button", name="Create", exact=True).click()
        expect(seen.page.get_by_text("There are not enough credits.")).to_be_visible()
        # The browser itself tells of every answer that is an error.
        assert all("402" in said or "429" in said for said in seen.said)
        seen.said.clear()
        seen.page.reload()
        expect(seen.page.get_by_role("textbox", name="Description of the video")).to_be_visible()


@pytest.mark.our_choice
def test_progress_comes_back_after_the_server_was_restarted(
    browser: Browser, server: HinodeProcess, api: httpx.Client
) -> None:
    video = begin(api, "A snail crosses a road", "slow=4")
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        seen.visit(f"/studio/videos/{video}")
        expect(seen.page.get_by_role("progressbar", name="Progress")).to_be_visible()
        server.kill()
        server.start()
        expect(seen.page.locator("video")).to_be_visible()
        # The browser tells of requests that nobody answered.
        assert all("Failed to load resource" in said for said in seen.said)
        seen.said.clear()


@pytest.mark.our_choice
def test_six_tabs_follow_a_video_by_one_stream(
    browser: Browser, server: HinodeProcess, api: httpx.Client
) -> None:
    streams: list[str] = []
    with visitor(browser, server.address) as seen:
        seen.page.context.on(
            "request",
            lambda one: streams.append(one.url) if one.url.endswith("/v1/events") else None,
        )
        log_in(seen, server)
        others = [seen.page.context.new_page() for _ in range(5)]
        for tab in others:
            tab.goto(f"{server.address}/app/studio")
            expect(tab.get_by_role("heading", level=1)).to_be_visible()
        prompt = "Six moons rise one after the other"
        begin(api, prompt, "slow=1")
        for tab in (seen.page, *others):
            card = tab.get_by_role("article").filter(has_text=prompt)
            expect(card.get_by_text("0:05")).to_be_visible()
        assert len(streams) == 1


@pytest.mark.our_choice
@pytest.mark.usefixtures("made")
def test_a_phone_in_chinese_and_dark(browser: Browser, server: HinodeProcess) -> None:
    places = ["/studio", "/studio/storyboard", "/studio/characters", "/studio/posts"]
    places += [
        "/studio/account",
        "/studio/account/keys",
        "/console",
        "/console/jobs",
        "/console/accounts",
        "/console/usage",
    ]
    with visitor(browser, server.address, **PHONE) as seen:
        log_in(seen, server)
        for place in places:
            seen.visit(place)
            expect(seen.page.locator("h1")).to_be_visible()
            expect(seen.page.locator(".mantine-Skeleton-root")).to_have_count(0)
            assert re.search("[\u4e00-\u9fff]", seen.page.locator("h1").inner_text())
            seen.check_layout()
            seen.check_access()
            seen.check_touch()
        seen.visit("/studio")
        expect(seen.page.locator("article img").first).to_be_visible()
        seen.picture("phone")


@pytest.mark.our_choice
def test_an_operator_finds_a_failed_job_reads_why_and_retries_it(
    browser: Browser, server: HinodeProcess, api: httpx.Client
) -> None:
    video = begin(api, "A bridge that falls", "fail=server_error")
    assert wait_until_ended(api, video, LIMIT_MS / 1000)["status"] == "failed"
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        seen.page.get_by_role("link", name="Console").click()
        seen.page.get_by_role("link", name="Jobs").click()
        seen.page.get_by_text("Failed", exact=True).first.click()
        seen.page.wait_for_url("**/console/jobs?status=failed")
        seen.page.get_by_text("Canceled", exact=True).first.click()
        seen.page.wait_for_url("**/console/jobs?status=failed&status=canceled")
        row = seen.page.get_by_role("row").filter(has_text="Failed").last
        seen.check_layout()
        seen.check_access()
        seen.picture("console")
        row.get_by_role("link").first.click()
        expect(seen.page.get_by_text("server_error", exact=True)).to_be_visible()
        tries = seen.page.get_by_role("region", name="Tries")
        expect(
            tries.get_by_role("row").filter(has_text="preview").filter(has_text="Failed")
        ).to_be_visible()
        seen.check_access()
        seen.page.get_by_role("button", name="Render again").click()
        expect(seen.page.get_by_text("Retry of")).to_be_visible()


@pytest.mark.our_choice
@pytest.mark.usefixtures("made")
def test_an_operator_sees_what_was_used_and_changes_an_account(
    browser: Browser, server: HinodeProcess, api: httpx.Client
) -> None:
    body = {"name": "colleague", "plan": "free", "credits": 10}
    assert api.post("/admin/accounts", json=body).status_code == 200
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        seen.visit("/console/usage")
        expect(seen.page.get_by_role("row").filter(has_text="admin")).to_contain_text("100%")
        seen.page.get_by_text("Model", exact=True).click()
        expect(seen.page.get_by_role("row").filter(has_text="sy_8")).to_be_visible()
        seen.check_access()
        seen.visit("/console/accounts")
        seen.page.get_by_role("textbox", name="Search accounts").fill("colle")
        expect(seen.page.get_by_role("row")).to_have_count(2)
        seen.check_access()
        seen.page.get_by_role("link", name="colleague").click()
        seen.page.get_by_role("combobox", name="Role").click()
        seen.page.get_by_role("option", name="Operator").click()
        seen.page.get_by_label("Credits to add or take away").fill("4")
        seen.page.get_by_role("button", name="Take away").click()
        expect(seen.page.get_by_text("The credits were taken away")).to_be_visible()
        seen.check_access()
    account = api.get("/admin/accounts/colleague").json()
    assert (account["role"], account["balance"]) == ("operator", 6)


@pytest.mark.our_choice
def test_the_app_works_below_a_prefix_that_a_proxy_keeps_to_itself(
    browser: Browser, server: HinodeProcess, made: str
) -> None:
    with (
        prefix_proxy("/films", server.port) as address,
        visitor(browser, address) as seen,
    ):
        seen.visit("/")
        seen.page.get_by_role("button", name="Use an API key").click()
        seen.page.get_by_role("textbox", name="API key").fill(server.key)
        seen.page.keyboard.press("Enter")
        expect(seen.page.get_by_role("textbox", name="Description of the video")).to_be_visible()
        expect(seen.page.get_by_role("button", name="Model: ")).to_be_visible()
        assert seen.page.url == f"{address}/app/studio"
        kept = "JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie"
        assert server.key not in seen.page.evaluate(kept)
        still = seen.page.locator("article img").first
        expect(still).to_have_js_property("complete", value=True)
        assert still.evaluate("(image) => image.naturalWidth") > 0
        seen.page.locator(f"a[href$='/studio/videos/{made}']").click()
        film = seen.page.locator("video")
        expect(film).to_have_attribute("src", re.compile(f"^{re.escape(address)}/files/"))
        film.evaluate("(film) => film.play()")


PAGES = [
    *("console/" + name for name in ("deliveries", "system", "audit")),
    *("studio/account/" + name for name in ("ledger", "deliveries", "security")),
]


def test_tables_of_the_place_and_the_account_fit_a_phone(
    browser: Browser, server: HinodeProcess, made: str
) -> None:
    with visitor(browser, server.address, viewport={"width": 360, "height": 740}) as seen:
        log_in(seen, server)
        for path in PAGES:
            seen.visit(f"/{path}")
            expect(seen.page.get_by_role("heading", level=1)).to_be_visible()
            expect(seen.page.get_by_label("Loading")).to_have_count(0)
            seen.check_layout()
            seen.check_access()


def test_an_operator_has_the_server_checked(browser: Browser, server: HinodeProcess) -> None:
    with visitor(browser, server.address, viewport={"width": 360, "height": 740}) as seen:
        log_in(seen, server)
        seen.visit("/console/system")
        seen.page.get_by_role("button", name="Check this server").click()
        checks = seen.page.get_by_role("region", name="Health")
        expect(checks.get_by_role("row").filter(has_text="database")).to_contain_text("Fine")
        seen.check_layout()
        seen.check_access()


def test_a_link_that_is_pasted_on_the_open_log_in_page_logs_in(
    browser: Browser, server: HinodeProcess
) -> None:
    with visitor(browser, server.address) as seen:
        seen.visit("/login")
        expect(seen.page.get_by_role("heading", level=1)).to_be_visible()
        log_in(seen, server)
        assert "#" not in seen.page.url


def test_a_video_is_given_a_title(browser: Browser, server: HinodeProcess, made: str) -> None:
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        seen.visit(f"/studio/videos/{made}")
        seen.page.get_by_label("Change the title").click()
        seen.page.get_by_label("Title", exact=True).fill("Rain")
        seen.page.get_by_label("Save the title").click()
        expect(seen.page.get_by_role("heading", level=1, name="Rain")).to_be_visible()
        seen.visit("/studio")
        expect(seen.page.get_by_text("Rain", exact=True)).to_be_visible()
