"""The contract of engines, held by the one for ComfyUI: before the stand-in, and a real server.

``HINODE_COMFYUI_URL`` names a real one; it needs no weights.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator

import httpx
import pytest

from hinode.engines.base import Ticket
from hinode.engines.comfyui.engine import ComfyUIEngine
from hinode.testing.engine_suite import EngineFactory, EngineSuite
from tests.support.comfyui import CORE, CORE_SETTINGS, WAN, WAN_SETTINGS, settings_of
from tests.support.upstreams.comfyui import ComfyUI, served

REAL_URL = os.environ.get("HINODE_COMFYUI_URL", "")


class TestStandIn(EngineSuite):
    failing_prompt, stalling_prompt = "[fail]", "[stall]"

    @pytest.fixture(autouse=True)
    def upstream(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        self.folder = tmp_path_factory.mktemp("comfyui")
        self.server = ComfyUI(self.folder)
        with served(self.server) as running:
            self.url = running.url
            yield

    def factory(self) -> EngineFactory:
        settings = settings_of(self.folder, self.url, {"wan": (WAN, WAN_SETTINGS)})
        return functools.partial(ComfyUIEngine, "studio", settings)

    def is_running(self, ticket: Ticket) -> bool:
        return self.server.running is not None or bool(self.server.pending)


@pytest.mark.skipif(not REAL_URL, reason="HINODE_COMFYUI_URL names no ComfyUI")
class TestRealServer(EngineSuite):
    @pytest.fixture(autouse=True)
    def workflow(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.folder = tmp_path_factory.mktemp("workflows")

    def factory(self) -> EngineFactory:
        settings = settings_of(self.folder, REAL_URL, {"core": (CORE, CORE_SETTINGS)})
        return functools.partial(ComfyUIEngine, "studio", settings)

    def is_running(self, ticket: Ticket) -> bool:
        answer = httpx.get(f"{REAL_URL}/api/jobs/{ticket.data['job']}")
        return answer.is_success and answer.json()["status"] in ("pending", "in_progress")
