"""Debian's Chromium, driven by Playwright, and a page of another origin than Hinode's."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.support.clock import true_clock
from tests.support.sdks import need

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def open_browser(*arguments: str) -> Iterator[Browser]:
    """Start Chromium without a window; the test is skipped where there is none."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    need(program is not None, "Chromium", "apt install chromium")
    # Its sandbox refuses root, as which CI runs.
    sandbox = os.geteuid() != 0
    with true_clock(), sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=sandbox, args=list(arguments)
        )
        yield opened
        opened.close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """Serve the files of a folder; return the origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
