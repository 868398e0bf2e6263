"""The console in a real browser: accounts at another server, invites, sorted accounts, charts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import open_browser
from tests.support.hinode_process import HinodeProcess, hinode
from tests.support.web_pages import log_in, visitor

pytestmark = [pytest.mark.full, pytest.mark.our_choice]

PHONE = {"viewport": {"width": 360, "height": 740}, "locale": "zh-CN", "color_scheme": "dark"}
PLACES = ("", "/jobs", "/accounts", "/accounts/admin", "/usage", "/keys", "/engines", "/models")
MORE_PLACES = ("/deliveries", "/system", "/audit")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HinodeProcess]:
    """A server that is the other server of its own engine, too."""
    process = HinodeProcess(tmp_path_factory.mktemp("console") / "data")
    process.data.mkdir()
    engine = f'kind = "sora"\nurl = "{process.address}/backend"\norigin = "trained"\n'
    models = '[models."sora-2"]\nengines = ["preview", "far"]\n'
    (process.data / "hinode.toml").write_text(f"[engines.far]\n{engine}{models}")
    process.start()
    for name, credits in (("rich", "9000"), ("poor", "10")):
        words = ("account", "create", name, "--credits", credits, "--data", str(process.data))
        assert hinode(*words).returncode == 0
    yield process
    process.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def token_of(server: HinodeProcess, name: str) -> str:
    made = hinode("account", "token", name, "--data", str(server.data))
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def test_an_account_elsewhere_is_added_tested_exported_removed_and_imported(
    browser: Browser, server: HinodeProcess
) -> None:
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        seen.visit("/console/engines")
        page, dialog = seen.page, seen.page.get_by_role("dialog")
        expect(page.get_by_text("No account yet")).to_be_visible()
        page.get_by_role("button", name="Add account").click()
        dialog.get_by_text("Access token", exact=True).first.click()
        dialog.get_by_role("textbox", name="Access token").fill(token_of(server, "rich"))
        seen.check_access()
        dialog.get_by_role("button", name="Add account").click()

        row = page.get_by_role("row").filter(has_text="Ready")
        row.get_by_role("button", name="Actions for").click()
        page.get_by_role("menuitem", name="Test").click()
        expect(page.get_by_text("works", exact=False)).to_be_visible()
        seen.check_layout()
        seen.check_access()

        page.get_by_role("button", name="Export").click()
        with page.expect_download() as saved:
            dialog.get_by_role("button", name="Save the file").click()
        exported = json.loads(saved.value.path().read_text())
        assert [one["email"] for one in exported["tokens"]] == ["rich@hinode.internal"]

        row.get_by_role("button", name="Actions for").click()
        page.get_by_role("menuitem", name="Remove").click()
        dialog.get_by_role("button", name="Remove").click()
        expect(page.get_by_text("No account yet")).to_be_visible()

        page.get_by_role("button", name="Import").click()
        page.locator("input[type=file]").set_input_files(saved.value.path())
        expect(dialog.get_by_text("1 account in the file")).to_be_visible()
        dialog.get_by_role("button", name="Import", exact=True).click()
        expect(page.get_by_role("row").filter(has_text="rich@hinode.internal")).to_be_visible()


def test_accounts_are_sorted_and_one_shows_its_invite_and_gets_a_password(
    browser: Browser, server: HinodeProcess
) -> None:
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        seen.visit("/console/accounts")
        names = seen.page.get_by_role("table").get_by_role("link")
        seen.page.get_by_role("combobox", name="Sort by").click()
        seen.page.get_by_role("option", name="Fewest credits").click()
        seen.page.wait_for_url("**/console/accounts?sort=balance")
        expect(names.first).to_have_text("poor")
        names.first.click()
        code = seen.page.locator("section").filter(has_text="Invite").locator("code")
        expect(code).to_have_text(_invite_of(server, "poor"))
        seen.page.get_by_label("New password").fill("a new password of poor")
        seen.page.get_by_role("button", name="Save").click()
        expect(seen.page.get_by_text("The account was changed")).to_be_visible()
        seen.check_access()


def test_a_key_is_made_with_limits_that_are_shown_and_changed(
    browser: Browser, server: HinodeProcess
) -> None:
    with visitor(browser, server.address) as seen:
        log_in(seen, server)
        seen.visit("/console/keys?account=rich")
        page, dialog = seen.page, seen.page.get_by_role("dialog")
        page.get_by_role("button", name="New key").click()
        expect(dialog.get_by_role("textbox", name="Account")).to_have_value("rich")
        dialog.get_by_role("textbox", name="Name").fill("farm")
        dialog.get_by_role("textbox", name="Credits a day").fill("500")
        dialog.get_by_label("Networks", exact=True).fill("203.0.113.0/24")
        seen.check_access()
        dialog.get_by_role("button", name="Create the key").click()
        expect(dialog.get_by_text("sk-")).to_be_visible()
        page.keyboard.press("Escape")

        row = page.get_by_role("row").filter(has_text="farm")
        expect(row).to_contain_text("Credits a day: 500")
        expect(row).to_contain_text("Networks: 203.0.113.0/24")
        row.get_by_role("button", name="Actions for farm").click()
        page.get_by_role("menuitem", name="Change").click()
        dialog.get_by_role("textbox", name="Credits a day").fill("")
        dialog.get_by_role("textbox", name="Requests a minute").fill("60")
        dialog.get_by_role("checkbox", name="Local only").check()
        dialog.get_by_role("button", name="Save the key").click()
        expect(row).to_contain_text("Requests a minute: 60")
        expect(row).to_contain_text("Local only")
        seen.check_layout()
        seen.check_access()
    with server.client() as api:
        (made,) = api.get("/admin/keys", params={"account": "rich"}).json()["data"]
    assert (made["spend_day"], made["per_minute"], made["local_only"]) == (None, 60, True)
    assert made["networks"] == ["203.0.113.0/24"]


def _invite_of(server: HinodeProcess, name: str) -> str:
    with server.client() as api:
        code: str = api.get(f"/admin/accounts/{name}/invite").json()["code"]
    return code


def test_the_charts_tell_their_figures_in_tables(browser: Browser, server: HinodeProcess) -> None:
    with visitor(browser, server.address) as seen:
        with server.client() as api:
            answer = api.post("/videos", json={"prompt": "a hill", "seconds": "4"})
            assert answer.status_code == 200
        log_in(seen, server)
        seen.visit("/console")
        table = seen.page.get_by_role("table", name="New jobs")
        expect(table.get_by_role("row")).to_have_count(24)
        expect(table.get_by_role("row").last).to_contain_text("1")
        seen.check_access()


def test_every_page_of_the_console_on_a_phone_in_chinese(
    browser: Browser, server: HinodeProcess
) -> None:
    with visitor(browser, server.address, **PHONE) as seen:
        log_in(seen, server)
        for place in (*PLACES, *MORE_PLACES):
            seen.visit(f"/console{place}")
            expect(seen.page.locator("h1")).to_be_visible()
            expect(seen.page.locator(".mantine-Skeleton-root")).to_have_count(0)
            seen.check_layout()
            seen.check_access()
