"""Single sign-on in a real browser, at a real OpenID Connect provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import open_browser
from tests.support.hinode_process import HinodeProcess
from tests.support.openid_provider import openid_provider
from tests.support.web_pages import visitor

pytestmark = pytest.mark.full

PEOPLE: list[dict[str, Any]] = [
    {"sub": "alice", "name": "Alice Ono", "groups": ["studio"]},
    {"sub": "eve"},
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HinodeProcess]:
    """A server whose people come from the provider only."""
    with openid_provider(PEOPLE) as issuer:
        oidc = {
            "issuer": issuer, "client_id": "hinode", "client_secret": "secret",
            "allowed_groups": ["studio"], "button": "Company log-in",
        }  # fmt: skip
        settings = {"HINODE_OIDC": json.dumps(oidc), "HINODE_PASSWORD_LOGIN": "false"}
        process = HinodeProcess(tmp_path / "data", settings)
        process.start()
        yield process
        process.stop()


@pytest.mark.our_choice
def test_a_person_comes_in_by_the_provider_and_out_again(
    browser: Browser, server: HinodeProcess
) -> None:
    with visitor(browser, server.address) as seen:
        page = seen.page
        # The provider's own page asks other hosts for its style, which is not our matter.
        page.context.route(
            lambda url: urlsplit(url).hostname != "127.0.0.1",
            lambda route: route.fulfill(body="", content_type="text/css"),
        )
        seen.visit("/studio/characters")
        button = page.get_by_role("link", name="Company log-in")
        expect(button).to_be_visible()
        expect(page.get_by_label("Password")).to_have_count(0)
        seen.check_access()

        button.click()
        page.get_by_role("button", name="eve").click()
        expect(page.get_by_text("Your account may not log in here")).to_be_visible()

        seen.visit("/studio/characters")
        button.click()
        page.get_by_role("button", name="alice").click()
        page.wait_for_url("**/app/studio/characters")
        page.get_by_role("button", name="Account").click()
        page.get_by_role("menuitem", name="Log out").click()
        page.get_by_role("button", name="End session").click()
        page.wait_for_url("**/app/login")
        expect(button).to_be_visible()
