"""Attacks on the web app in a real browser: scripts in texts, pages elsewhere, leaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from tests.support import patient
from tests.support.browser import open_browser, serve_folder
from tests.support.hinode_process import HinodeProcess, hinode
from tests.support.live import wait_until_ended
from tests.support.web_pages import LIMIT_MS, Visitor, log_in, visitor

pytestmark = [pytest.mark.full, pytest.mark.our_choice]

SCRIPT = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>"
"""What would run if a page took it for HTML."""
PASSWORD = "correct horse battery"
SMALL = {"model": "sy_8", "size": "640x352", "seconds": "5"}
KEPT = """async () => JSON.stringify([
    {...localStorage}, {...sessionStorage}, document.cookie, location.href,
    await indexedDB.databases(), await caches.keys(),
])"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HinodeProcess]:
    process = HinodeProcess(tmp_path_factory.mktemp("attacks") / "data")
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
def named(server: HinodeProcess) -> None:
    """The account's name to be shown is a script."""
    words = ("account", "password", "admin", "--data", str(server.data))
    assert hinode(*words, stdin=f"{PASSWORD}\n").returncode == 0
    with patient.Client(base_url=server.address, headers={"origin": server.address}) as client:
        body = {"username": "admin", "password": PASSWORD}
        token = client.post("/api/auth/app/login", json=body).json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        changed = client.patch("/v1/me", json={"display_name": SCRIPT[:50]}, headers=headers)
        assert changed.status_code == 200, changed.text


def harmless(page: Page) -> None:
    """The text is text: nothing of it became a part of the page."""
    made = "[...document.querySelectorAll('img[src=\"x\"], script:not([src])')].length"
    assert page.evaluate(made) == 0, page.url


def with_engine_error(route: Route) -> None:
    """Answer as the server does, with an error in the words of an engine elsewhere."""
    answer = route.fetch()
    told: Any = answer.json()
    for job in told.get("data", [told]):
        if job.get("error"):
            job["error"] = {"code": SCRIPT, "message": SCRIPT}
    route.fulfill(response=answer, json=told)


def watched(seen: Visitor) -> list[str]:
    """The dialogs that are opened from now on."""
    opened: list[str] = []

    def note(dialog: Any) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    seen.page.on("dialog", note)
    return opened


@pytest.mark.usefixtures("named")
def test_scripts_in_prompts_titles_names_and_file_names_stay_text(
    browser: Browser, server: HinodeProcess, api: httpx.Client
) -> None:
    made = api.post("/videos", json={"prompt": SCRIPT, **SMALL}).json()["id"]
    assert wait_until_ended(api, made, LIMIT_MS / 1000)["status"] == "completed"
    job = api.get("/jobs").json()["data"][0]["id"]
    assert api.patch(f"/jobs/{job}", json={"title": SCRIPT}).status_code == 200
    with visitor(browser, server.address) as seen:
        opened = watched(seen)
        log_in(seen, server)
        expect(seen.page.get_by_role("article").get_by_text(SCRIPT)).to_be_visible()
        harmless(seen.page)
        picture = (Path(__file__).parents[2] / "docs" / "pictures" / "video.webp").read_bytes()
        file = FilePayload(name=f"{SCRIPT}.webp", mimeType="image/webp", buffer=picture)
        seen.page.locator("input[type=file]").first.set_input_files(file)
        expect(seen.page.get_by_role("button", name="Remove the picture")).to_be_visible()
        seen.page.get_by_role("button", name="Account", exact=True).click()
        expect(seen.page.get_by_text(SCRIPT[:50], exact=True).first).to_be_visible()
        harmless(seen.page)

        seen.visit(f"/studio/videos/{made}")
        expect(seen.page.get_by_role("heading", level=1, name=SCRIPT)).to_be_visible()
        seen.page.get_by_text("Make it by a program").click()
        harmless(seen.page)
        seen.page.get_by_role("button", name="Publish").click()
        seen.page.get_by_label("Text of the post").fill(SCRIPT)
        seen.page.get_by_role("dialog").get_by_role("button", name="Publish").click()
        shared = seen.page.get_by_role("dialog").get_by_role("link").get_attribute("href")
        for place in ("/studio/posts", f"/console/jobs/{job}", "/console/accounts/admin"):
            seen.visit(place)
            expect(seen.page.get_by_role("heading", level=1)).to_be_visible()
            expect(seen.page.get_by_label("Loading")).to_have_count(0)
            harmless(seen.page)
        assert shared
        seen.page.goto(shared)
        expect(seen.page.get_by_text(SCRIPT).first).to_be_visible()
        harmless(seen.page)
        assert opened == []


def test_a_script_in_an_engines_error_stays_text(
    browser: Browser, server: HinodeProcess, api: httpx.Client
) -> None:
    body = {"prompt": "A bridge that falls", **SMALL}
    simulated = {"hinode-simulate": "fail=server_error"}
    made = api.post("/videos", json=body, headers=simulated).json()["id"]
    assert wait_until_ended(api, made, LIMIT_MS / 1000)["status"] == "failed"
    job = api.get("/jobs", params={"status": "failed"}).json()["data"][0]["id"]
    with visitor(browser, server.address) as seen:
        opened = watched(seen)
        seen.page.route("**/v1/jobs*", with_engine_error)
        seen.page.route("**/v1/jobs/*", with_engine_error)
        seen.page.route("**/v1/admin/jobs**", with_engine_error)
        # The stream tells of jobs too, in the words of the real error.
        silent = {"body": "", "content_type": "text/event-stream"}
        for stream in ("**/v1/events", "**/v1/admin/events"):
            seen.page.route(stream, lambda route: route.fulfill(**silent))
        log_in(seen, server)
        places = ("/studio", f"/studio/videos/{made}", "/console", "/console/jobs")
        for place in (*places, f"/console/jobs/{job}"):
            seen.visit(place)
            expect(seen.page.get_by_text(SCRIPT).first).to_be_visible()
            harmless(seen.page)
        assert opened == []
        seen.page.unroute_all(behavior="ignoreErrors")


FORGED = """async ([server, body]) => {
    const usual = {method: "POST", credentials: "include"};
    const post = (path, init) => fetch(server + path, {...usual, ...init})
        .then((answer) => answer.text(), () => "");
    const form = new FormData();
    for (const [name, value] of Object.entries(body)) form.set(name, value);
    const headers = {"content-type": "text/plain"};
    const plain = {mode: "no-cors", body: JSON.stringify(body), headers};
    const names = ["app/logout", "logout", "app/token", "app/link", "app/login", "app/signup"];
    return Promise.all([
        ...names.flatMap((name) => [
            post(`/api/auth/${name}`, {}), post(`/api/auth/${name}`, {mode: "no-cors"}),
            post(`/api/auth/${name}`, plain),
        ]),
        post("/v1/videos", {body: form, mode: "no-cors"}), post("/v1/videos", plain),
        post("/v1/videos", {body: form}),
    ]);
}"""
"""What a page elsewhere can send with the cookies of who looks at it."""


def submit_form(page: Page, address: str, fields: dict[str, str]) -> None:
    """Send a form as a navigation, for which browsers ask nobody."""
    page.evaluate(
        """([address, fields]) => {
            const make = (tag, named) => Object.assign(document.createElement(tag), named);
            const form = make("form", {action: address, method: "post"});
            for (const [name, value] of Object.entries(fields)) {
                form.append(make("input", {name, value}));
            }
            document.body.append(form);
            form.submit();
        }""",
        [address, fields],
    )
    page.wait_for_url(f"{address}**")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_pages_of_another_port_and_of_another_site_can_do_nothing_with_the_session(
    browser: Browser, server: HinodeProcess, api: httpx.Client, tmp_path: Path, name: str
) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>elsewhere</title>")
    before = api.get("/jobs").json()["data"]
    body = {"prompt": "forged", **SMALL}
    with serve_folder(tmp_path) as origin, visitor(browser, server.address) as seen:
        log_in(seen, server)
        foreign = seen.page.context.new_page()
        place = origin.replace("127.0.0.1", name)
        foreign.goto(place)
        answers = foreign.evaluate(FORGED, [server.address, body])
        assert not any("access_token" in one for one in answers)
        for path in ("/api/auth/app/logout", "/api/auth/logout", "/v1/videos"):
            foreign.goto(place)
            submit_form(foreign, server.address + path, body)

        seen.page.reload()
        expect(seen.page.get_by_role("textbox", name="Description of the video")).to_be_visible()
        assert seen.page.url.endswith("/app/studio")
    assert [one["id"] for one in api.get("/jobs").json()["data"]] == [one["id"] for one in before]


def test_tokens_and_keys_stand_in_no_storage_address_or_log(
    browser: Browser, server: HinodeProcess, api: httpx.Client
) -> None:
    key = api.post("/admin/keys", json={"account": "admin", "name": "pasted"}).json()["secret"]
    requests: list[str] = []
    with visitor(browser, server.address) as seen:
        seen.page.context.on("request", lambda one: requests.append(one.url))
        with seen.page.expect_response("**/api/auth/app/link") as entered:
            log_in(seen, server)
        link = json.loads(entered.value.request.post_data or "{}")["token"]
        secrets = [link, entered.value.json()["access_token"]]
        expect(
            seen.page.get_by_text("Your videos will be here")
            .or_(seen.page.get_by_role("article").first)
            .first
        ).to_be_visible()
        kept = [seen.page.evaluate(KEPT)]
    with visitor(browser, server.address) as seen:
        seen.page.context.on("request", lambda one: requests.append(one.url))
        seen.visit("/login")
        seen.page.get_by_role("button", name="Use an API key").click()
        seen.page.get_by_role("textbox", name="API key").fill(key)
        seen.page.keyboard.press("Enter")
        expect(seen.page.get_by_role("textbox", name="Description of the video")).to_be_visible()
        kept.append(seen.page.evaluate(KEPT))
    places = [*kept, *requests, server.log.read_text()]
    for secret in (*secrets, key):
        assert len(secret) > 20
        assert not any(secret in place for place in places)
