"""The studio with several videos in both languages and colour schemes; READMEs show these pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import open_browser
from tests.support.hinode_process import HinodeProcess
from tests.support.live import wait_until_ended
from tests.support.web_pages import LIMIT_MS, log_in, visitor

pytestmark = [pytest.mark.full, pytest.mark.our_choice]

SMALL = {"model": "sy_8", "size": "640x352", "seconds": "5"}
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
SCENES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "en": [
        ("A night train crosses a bridge, neon city lights in the river", {"seed": 3}),
        ("A kite above the dunes at noon", {"seed": 5, "style": "anime"}),
        ("A paper boat drifts down a stream in the rain", {"seed": 2}),
        ("Sunrise over snowy mountains, mist in the valley", {"seed": 11}),
        ("A fox in deep snow looks up", {"seed": 4}),
        ("A hot-air balloon above a lake at dusk", {"seed": 8}),
        ("Cherry blossoms fall on a quiet canal", {"seed": 6, "style": "golden"}),
        ("A lighthouse above the sea at sunset", {"seed": 9}),
    ],
    "zh": [
        ("夜晚的城市，霓虹灯倒映在河面上", {"seed": 3}),
        ("正午的沙丘上空飘着一只风筝", {"seed": 5, "style": "anime"}),
        ("雨中，一只纸船顺流而下", {"seed": 2}),
        ("雪山日出，云海翻涌，镜头缓缓推进", {"seed": 11}),
        ("一只红狐在厚厚的雪地里抬起头", {"seed": 4}),
        ("黄昏，热气球飘过湖面", {"seed": 8}),
        ("樱花飘落在安静的运河上", {"seed": 6, "style": "golden"}),
        ("夕阳下海边的灯塔", {"seed": 9}),
    ],
}
DRAWN = """(many) => {
    const pictures = [...document.querySelectorAll("article img")];
    return pictures.length === many && pictures.every((one) => one.complete && one.naturalWidth);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.mark.parametrize("language", LOCALES)
def test_the_studio_is_clean_in_each_language_and_colour_scheme(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    server = HinodeProcess(tmp_path / "data")
    server.start()
    try:
        with server.client() as api:
            bodies = [{"prompt": prompt, **SMALL, **more} for prompt, more in SCENES[language]]
            made = [api.post("/videos", json=body).json()["id"] for body in bodies]
            ended = [wait_until_ended(api, video, LIMIT_MS / 1000) for video in made]
        assert {one["status"] for one in ended} == {"completed"}
        for scheme in ("light", "dark"):
            _look(browser, server, made[-1], language, scheme)
    finally:
        server.stop()


def _look(browser: Browser, server: HinodeProcess, video: str, language: str, scheme: str) -> None:
    window = {"locale": LOCALES[language], "color_scheme": scheme}
    with visitor(browser, server.address, **window) as seen:
        log_in(seen, server)
        seen.page.wait_for_function(DRAWN, arg=len(SCENES[language]))
        seen.check_layout()
        seen.check_access()
        seen.picture(f"studio-{language}-{scheme}")
        seen.visit(f"/studio/videos/{video}")
        film = seen.page.locator("video")
        expect(film).to_have_js_property("duration", 5)
        film.evaluate("(film) => { film.muted = true; film.currentTime = 2.5; }")
        expect(film).to_have_js_property("seeking", value=False)
        seen.check_layout()
        seen.check_access()
        if language == "en" and scheme == "light":
            seen.picture("video")
