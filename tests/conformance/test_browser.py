"""A real Chromium: signed links play and can be sought, and the SDK runs in a page elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from tests.support import patient
from tests.support.browser import open_browser, serve_folder
from tests.support.hinode_process import HinodeProcess
from tests.support.live import wait_until_ended
from tests.support.sdks import PACKAGES, SCRIPTS, need

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
    headers = {"authorization": f"Bearer {server.key}"}
    with patient.Client(base_url=f"{server.address}/v1", headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with open_browser() as browser, serve_folder(SCRIPTS) as origin:
        opened = browser.new_page()
        opened.goto(f"{origin}/browser.html")
        opened.wait_for_function("() => window.play && window.make")
        yield opened


@pytest.mark.our_choice
def test_a_signed_link_plays_to_its_end_and_is_sought_back_and_forth(
    page: Page, api: httpx.Client
) -> None:
    asked = {"prompt": "a fox runs", "seconds": str(SECONDS), "size": "1280x720"}
    made = wait_until_ended(api, api.post("/videos", json=asked).json()["id"], LIMIT)
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
