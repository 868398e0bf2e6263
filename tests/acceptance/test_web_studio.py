"""The studio in a real browser: several videos at once, two compared, words written out."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browser import open_browser
from tests.support.hinode_process import HinodeProcess
from tests.support.live import wait_until_ended
from tests.support.sdks import PACKAGES, need
from tests.support.web_pages import LIMIT_MS, log_in, visitor

pytestmark = [pytest.mark.full, pytest.mark.our_choice]

PROMPTS = ("A paper boat drifts down a stream", "A kite above the dunes")
SETTINGS = {"model": "sy_8", "size": "640x352", "seconds": "5", "style": "comic", "seed": 7}
DESCRIPTION = "Description of the video"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HinodeProcess]:
    process = HinodeProcess(tmp_path_factory.mktemp("studio") / "data")
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def videos(server: HinodeProcess) -> list[str]:
    """The ids of two finished videos, the newest last."""
    with server.client() as api:
        return [finished(api, prompt) for prompt in PROMPTS]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def finished(api: httpx.Client, prompt: str) -> str:
    video = api.post("/videos", json={"prompt": prompt, **SETTINGS}).json()
    assert wait_until_ended(api, video["id"], LIMIT_MS / 1000)["status"] == "completed"
    found: str = video["id"]
    return found


def select(page: Page, *prompts: str) -> None:
    page.get_by_role("button", name="Select", exact=True).click()
    for prompt in prompts:
        page.get_by_role("checkbox", name=prompt).click()


@pytest.mark.usefixtures("videos")
def test_selected_videos_come_as_one_file_and_are_deleted_and_restored_together(
    browser: Browser, server: HinodeProcess
) -> None:
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        select(seen.page, *PROMPTS)
        expect(seen.page.get_by_text("2 selected")).to_be_visible()
        seen.check_access()
        with seen.page.expect_download() as kept:
            seen.page.get_by_role("button", name="Download as ZIP").click()
        assert len(zipfile.ZipFile(kept.value.path()).namelist()) == 2

        seen.page.get_by_role("button", name="Delete").click()
        expect(seen.page.get_by_text("Your videos will be here")).to_be_visible()
        seen.page.get_by_role("button", name="Undo").click()
        expect(seen.page.get_by_role("article")).to_have_count(2)


def test_two_videos_are_stepped_and_played_together(
    browser: Browser, server: HinodeProcess, videos: list[str]
) -> None:
    times = "() => [...document.querySelectorAll('video')].map((one) => one.currentTime)"
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        select(seen.page, *PROMPTS)
        seen.page.get_by_role("button", name="Compare").click()
        seen.page.wait_for_function("() => document.querySelectorAll('video').length === 2")
        expect(seen.page.locator("video").first).to_have_js_property("duration", 5)
        expect(seen.page.locator("video").last).to_have_js_property("duration", 5)
        for _ in range(3):
            seen.page.get_by_role("button", name="Next frame").click()
        left, right = seen.page.evaluate(times)
        assert left == right == pytest.approx(3.5 / 30, abs=0.001)
        expect(seen.page.get_by_role("row", name="Description")).to_contain_text(PROMPTS[0])
        seen.check_access()
        seen.check_layout()

        seen.page.get_by_role("button", name="Play").click()
        seen.page.wait_for_function(f"() => ({times})().every((at) => at > 0.5)")
        seen.page.get_by_role("button", name="Pause").click()
        left, right = seen.page.evaluate(times)
        assert abs(left - right) < 0.5


@pytest.mark.usefixtures("videos")
def test_a_description_is_written_out_and_the_own_words_come_back(
    browser: Browser, server: HinodeProcess
) -> None:
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        words = seen.page.get_by_role("textbox", name=DESCRIPTION)
        words.fill("A cat on a wall")
        seen.page.get_by_role("button", name="Enhance").click()
        expect(words).to_have_value(re.compile("^A cat on a wall.{60,}"))
        seen.page.get_by_role("button", name="Undo").click()
        expect(words).to_have_value("A cat on a wall")


def test_a_video_is_made_again_with_all_its_settings_and_its_call_can_be_copied(
    browser: Browser, server: HinodeProcess, videos: list[str]
) -> None:
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        seen.visit(f"/studio/videos/{videos[0]}")
        seen.page.get_by_text("Make it by a program").click()
        call = seen.page.locator("pre")
        expect(call).to_contain_text('"style": "comic"')
        expect(call).to_contain_text('"seed": 7')
        seen.page.get_by_role("link", name="Use its settings").click()
        words = seen.page.get_by_role("textbox", name=DESCRIPTION)
        expect(words).to_have_value(PROMPTS[0])
        with seen.page.expect_request("**/v1/videos") as request:
            seen.page.get_by_role("button", name="Create", exact=True).click()
        assert SETTINGS.items() <= (request.value.post_data_json or {}).items()


def run_as(program: str, text: str, folder: Path) -> None:
    """Run what was copied, as a user does who has the program and its library."""
    folder.mkdir()
    if program == "Node":
        # Node looks for a library beside the file and above it.
        need((PACKAGES / "openai-7").exists(), "the SDK for Node", "make sdks")
        (folder / "node_modules").mkdir()
        (folder / "node_modules" / "openai").symlink_to(PACKAGES / "openai-7")
    file = folder / {"curl": "call.sh", "Python": "call.py", "Node": "call.mjs"}[program]
    file.write_text(text)
    runner = {"curl": "sh", "Python": sys.executable, "Node": "node"}[program]
    done = subprocess.run(
        [runner, file.name], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_copied_calls_make_the_same_video(
    browser: Browser,
    server: HinodeProcess,
    videos: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", server.key)
    with visitor(browser, server.address) as seen, server.client() as api:
        seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        log_in(seen, server)
        seen.visit(f"/studio/videos/{videos[0]}")
        seen.page.get_by_text("Make it by a program").click()
        for program in ("curl", "Python", "Node"):
            seen.page.get_by_text(program, exact=True).click()
            seen.page.get_by_role("button", name="Copy", exact=True).click()
            text = seen.page.evaluate("navigator.clipboard.readText()")
            assert server.key not in text
            run_as(program, text, tmp_path / program)
            made = api.get("/jobs", params={"limit": 1}).json()["data"][0]
            assert (made["prompt"], made["seed"]) == (PROMPTS[0], SETTINGS["seed"])
            assert made["parameters"]["style"] == SETTINGS["style"]
            api.post("/jobs/delete", json={"ids": [made["id"]]})
    for program in ("Python", "Node"):
        assert (tmp_path / program / "video.mp4").read_bytes()[4:8] == b"ftyp"


MANY = 10_000
AT_ONCE = 500
MOST_NODES = 3_000
"""Of a page that shows some thirty cards; each card has about thirty."""


class Library:
    """Ten thousand videos, as copies of one that the server told."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    def __call__(self, route: Route) -> None:
        parsed = parse_qs(urlsplit(route.request.url).query)
        start = int(parsed.get("cursor", ["0"])[0])
        self.told = self.told or route.fetch().json()
        end = start + AT_ONCE
        jobs = [
            {**self.told["data"][0], "id": f"{at:032x}", "title": f"No. {at}"}
            for at in range(start, end)
        ]
        cursor = str(end) if end < MANY else None
        route.fulfill(json={**self.told, "data": jobs, "next_cursor": cursor})


@pytest.mark.usefixtures("videos")
def test_of_ten_thousand_videos_only_those_near_the_window_are_in_the_page(
    browser: Browser, server: HinodeProcess
) -> None:
    nodes = "document.querySelectorAll('*').length"
    down = "window.scrollTo(0, document.documentElement.scrollHeight)"
    with visitor(browser, server.address) as seen:
        seen.page.route("**/v1/jobs?**", Library())
        log_in(seen, server)
        most, last = 0, seen.page.get_by_text(f"No. {MANY - 1}", exact=True)
        for _ in range(2 * MANY):
            seen.page.evaluate(down)
            seen.page.evaluate("() => new Promise(requestAnimationFrame)")
            most = max(most, seen.page.evaluate(nodes))
            if last.is_visible():
                break
        expect(last).to_be_visible()
        assert most < MOST_NODES
        seen.page.unroute_all(behavior="ignoreErrors")
