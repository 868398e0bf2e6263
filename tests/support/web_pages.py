"""Pages of the web app in a real browser, which must be silent and accessible."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.support.hinode_process import HinodeProcess, hinode
from tests.support.sdks import PACKAGES, need

LIMIT_MS = 60_000
"""Rendering on a machine that may be busy."""

_PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_AXE = PACKAGES / "axe-core" / "axe.min.js"

_SMALL = """() => [...document.querySelectorAll("button, a, input, [role=radio]")]
    .filter((one) => !one.closest("p") && !one.matches(".skip, [tabindex='-1']"))
    .filter((one) => !one.matches("[type=checkbox], [type=radio], [hidden]"))
    .map((one) => [one.getBoundingClientRect().height, one.outerHTML.slice(0, 200)])
    .filter(([height]) => height > 0 && height < 43.5)"""

expect.set_options(timeout=LIMIT_MS)


@dataclass
class Visitor:
    """Somebody with a browser window of their own."""

    page: Page
    address: str
    said: list[str] = field(default_factory=list)

    def visit(self, path: str) -> None:
        """Go to an address of the app."""
        self.page.goto(f"{self.address}/app{path}")

    def check_layout(self) -> None:
        """Nothing is wider than the window."""
        widths = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        wide, window = self.page.evaluate(widths)
        assert wide == window, self.page.url

    def check_touch(self) -> None:
        """What is touched is as high as a finger."""
        assert not self.page.evaluate(_SMALL), self.page.url

    def check_access(self) -> None:
        """No rule of WCAG 2.2 AA that a program can check is broken."""
        need(_AXE.exists(), "axe-core", "make sdks")
        self.page.evaluate(_AXE.read_text())
        only = {"runOnly": {"type": "tag", "values": _RULES}}
        found: Any = self.page.evaluate("(options) => window.axe.run(document, options)", only)
        broken = [
            (one["id"], [node["html"][:200] for node in one["nodes"][:3]])
            for one in found["violations"]
        ]
        assert not broken, f"{self.page.url}: {broken}"

    def picture(self, name: str) -> None:
        """Keep a picture of the window for the documentation, when they are renewed."""
        if os.environ.get("HINODE_PICTURES"):
            shown = Image.open(io.BytesIO(self.page.screenshot(scale="css")))
            shown.convert("RGB").save(_PICTURES / f"{name}.webp", quality=82, method=6)


def described(message: ConsoleMessage) -> str:
    return f"{message.type}: {message.text} ({message.location['url']})"


@contextmanager
def visitor(browser: Browser, address: str, **window: Any) -> Iterator[Visitor]:
    """Open a window; at the end nothing may have been said in its console."""
    options = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **window}
    context = browser.new_context(reduced_motion="reduce", **options)
    context.set_default_timeout(LIMIT_MS)
    seen = Visitor(context.new_page(), address)
    seen.page.on("console", lambda message: seen.said.append(described(message)))
    seen.page.on("pageerror", lambda error: seen.said.append(str(error)))
    yield seen
    said = list(seen.said)
    context.close()
    assert not said, said


def log_in(seen: Visitor, server: HinodeProcess, *, operator: bool = True) -> None:
    """Follow a new log-in link, at the visitor's address of the server."""
    words = ["login-link", "--data", str(server.data), "--port", str(server.port)]
    made = hinode(*words, *(["--operator"] if operator else []))
    assert made.returncode == 0, made.stderr
    seen.page.goto(made.stdout.strip().replace(server.address, seen.address))
    seen.page.wait_for_url("**/app/studio")
