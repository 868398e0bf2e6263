"""What a video begins with, in a real browser: a storyboard's shots, a first frame."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.support.browser import open_browser
from tests.support.hinode_process import HinodeProcess
from tests.support.live import wait_until_ended
from tests.support.web_pages import LIMIT_MS, Visitor, log_in, visitor

pytestmark = [pytest.mark.full, pytest.mark.our_choice]

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True,
}  # fmt: skip
FPS = 30
CUT = 12
"""Mean difference of two neighbouring frames, of 255, that only a new shot makes."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HinodeProcess]:
    process = HinodeProcess(tmp_path_factory.mktemp("composing") / "data")
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def scene(page: Page, number: int) -> Locator:
    return page.get_by_role("textbox", name=f"Scene of shot {number}")


def cuts(film: bytes) -> list[int]:
    """The frames that begin a new shot."""
    with av.open(io.BytesIO(film), "r") as opened:
        shown = [one.to_ndarray(format="gray").astype(np.int16) for one in opened.decode(video=0)]
    jumps = [float(np.abs(b - a).mean()) for a, b in pairwise(shown)]
    return [at + 1 for at, jump in enumerate(jumps) if jump > CUT]


def write_film(seen: Visitor) -> None:
    """Three shots: the second was the last, a fourth was taken away."""
    page = seen.page
    seen.visit("/studio/storyboard")
    scene(page, 1).fill("A sunny beach at noon")
    scene(page, 2).fill("A city at night, neon lights")
    page.get_by_role("button", name="Add a shot").click()
    expect(scene(page, 3)).to_be_focused()
    page.keyboard.type("Deep snow in a forest")
    page.get_by_role("button", name="Add a shot").click()
    page.get_by_role("button", name="Remove shot 4").click()
    expect(scene(page, 3)).to_be_focused()
    up = page.get_by_role("button", name="Move shot 3 up")
    up.focus()
    page.keyboard.press("Enter")
    expect(scene(page, 2)).to_have_value("Deep snow in a forest")
    for number, seconds in enumerate(("1", "2", "1"), 1):
        page.get_by_role("textbox", name=f"Length of shot {number}").fill(seconds)


@pytest.mark.parametrize("window", [{}, PHONE], ids=["desktop", "phone"])
def test_a_storyboard_is_written_put_in_order_and_cut_where_its_shots_end(
    browser: Browser, server: HinodeProcess, window: dict[str, Any]
) -> None:
    with visitor(browser, server.address, **window) as seen, server.client() as api:
        log_in(seen, server)
        write_film(seen)
        expect(seen.page.get_by_text("100 credits").first).to_be_visible()
        seen.check_layout()
        seen.check_access()
        seen.page.get_by_role("button", name="Create", exact=True).click()
        seen.page.wait_for_url("**/studio/videos/*")
        video = seen.page.url.rsplit("/", 1)[1]
        assert wait_until_ended(api, video, LIMIT_MS / 1000)["status"] == "completed"
        assert cuts(api.get(f"/videos/{video}/content").content) == [FPS, 3 * FPS]


def need_frames(route: Route) -> None:
    """Answer as a server does whose models make no video of words alone."""
    told = route.fetch().json()
    for model in told["data"]:
        model["inputs"] = ["first_frame"]
    route.fulfill(json=told)


PASTE = """([encoded]) => {
    const bytes = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "pond.png", { type: "image/png" }));
    document.querySelector("form textarea").dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
}"""
DROP = """([encoded]) => {
    const bytes = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "pond.png", { type: "image/png" }));
    for (const name of ["dragover", "drop"])
        document.querySelector("form textarea").dispatchEvent(
            new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }),
        );
}"""


@pytest.mark.parametrize("way", [PASTE, DROP], ids=["paste", "drop"])
def test_a_model_that_only_moves_pictures_asks_for_one_and_takes_it(
    browser: Browser, server: HinodeProcess, way: str
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (720, 1280), "#356").save(picture, "PNG")
    with visitor(browser, server.address) as seen:
        seen.page.route("**/v1/videos/models", need_frames)
        log_in(seen, server)
        create = seen.page.get_by_role("button", name="Create", exact=True)
        seen.page.get_by_role("textbox", name="Description of the video").fill("It freezes over")
        expect(seen.page.get_by_text("moves a picture: add the first frame")).to_be_visible()
        expect(create).to_be_disabled()
        seen.check_access()
        seen.page.evaluate(way, [base64.b64encode(picture.getvalue()).decode()])
        expect(seen.page.get_by_role("button", name="Remove the picture")).to_be_visible()
        expect(seen.page.get_by_text("add the first frame")).to_have_count(0)
        with seen.page.expect_response("**/v1/videos") as made:
            create.click()
        assert "input_reference" in (made.value.request.post_data_json or {})
        seen.page.unroute_all(behavior="ignoreErrors")
