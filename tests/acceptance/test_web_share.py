"""The share page in a real browser: it says what made the video, in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import open_browser
from tests.support.hinode_process import HinodeProcess
from tests.support.live import wait_until_ended
from tests.support.web_pages import LIMIT_MS, visitor

pytestmark = [pytest.mark.full, pytest.mark.our_choice]

SETTINGS = {"model": "sy_8", "size": "640x352", "seconds": "5"}
TOLD = {
    "en-GB": ("en", "Not made by an AI model: a program drew this animation (engine: preview)."),
    "zh-CN": ("zh-Hans", "并非 AI 模型生成：本视频是由程序绘制的动画（引擎：preview）。"),
}
"""By the visitor's locale: the page's language, and what it says."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HinodeProcess]:
    process = HinodeProcess(tmp_path_factory.mktemp("share") / "data")
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def permalink(server: HinodeProcess) -> str:
    """The address of a video that the preview engine drew and somebody published."""
    with server.client() as api:
        made = api.post("/videos", json={"prompt": "A kite above the dunes", **SETTINGS}).json()
        assert wait_until_ended(api, made["id"], LIMIT_MS / 1000)["status"] == "completed"
        return publish(server, api)


def publish(server: HinodeProcess, api: httpx.Client) -> str:
    backend = f"{server.address}/backend/project_y"
    draft = api.get(f"{backend}/profile/drafts").json()["items"][0]
    attached = [{"generation_id": draft["id"], "kind": "sora"}]
    body = {"attachments_to_create": attached, "post_text": "A day at the sea"}
    found: str = api.post(f"{backend}/post", json=body).json()["post"]["permalink"]
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", list(TOLD))
def test_the_share_page_says_that_no_ai_model_made_it(
    browser: Browser, server: HinodeProcess, permalink: str, locale: str, scheme: str
) -> None:
    phone = {"width": 360, "height": 740}
    language, told = TOLD[locale]
    with visitor(
        browser, server.address, locale=locale, color_scheme=scheme, viewport=phone
    ) as seen:
        seen.page.goto(permalink)
        expect(seen.page.get_by_role("heading", level=1)).to_have_text("A day at the sea")
        expect(seen.page.get_by_text(told)).to_be_visible()
        expect(seen.page.locator("video")).to_have_js_property("duration", 5)
        expect(seen.page.locator("html")).to_have_attribute("lang", language)
        seen.check_layout()
        seen.check_access()
