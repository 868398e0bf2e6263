"""The contract of engines, held by the one for ComfyUI: before the stand-in, and a real server.

``HINODE_COMFYUI_URL`` names a real one; core nodes need no weights. Last run: 0.28.0 on a CPU.
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from hinode.engines.base import (
    Artifact,
    ArtifactRole,
    Engine,
    MediaKind,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.comfyui.engine import ComfyUIEngine
from hinode.engines.remote.errors import UpstreamError
from hinode.testing.engine_suite import EngineFactory, EngineSuite
from tests.support import patient
from tests.support.comfyui import (
    CORE,
    CORE_SETTINGS,
    PICTURE,
    PICTURE_SETTINGS,
    STILL,
    STILL_SETTINGS,
    settings_of,
)
from tests.support.upstreams.comfyui import ComfyUI, served

REAL_URL = os.environ.get("HINODE_COMFYUI_URL", "")
WORKFLOWS = {
    "core": (CORE, CORE_SETTINGS),
    "still": (STILL, STILL_SETTINGS),
    "picture": (PICTURE, PICTURE_SETTINGS),
}


class CoreNodesSuite(EngineSuite):
    """Workflows of core nodes at ``url``: a film, a film of a picture, a picture."""

    url: str
    folder: Path

    def factory(self) -> EngineFactory:
        settings = settings_of(self.folder, self.url, WORKFLOWS, workflow="core")
        return functools.partial(ComfyUIEngine, "studio", settings)

    def is_running(self, ticket: Ticket) -> bool:
        answer = patient.get(f"{self.url}/api/jobs/{UUID(str(ticket.data['job']))}")
        return answer.is_success and answer.json()["status"] in ("pending", "in_progress")

    def test_a_first_frame_is_shown(self, tmp_path: Path) -> None:
        """The uploaded picture, in the size of the video, and not the one in the file."""
        picture = tmp_path / "first.png"
        Image.new("RGB", (90, 70), (200, 40, 40)).save(picture)
        spec = replace(self.spec(), model="still", prompt="a red boat", first_frame=picture)
        engine = self.factory()()
        files = asyncio.run(rendered(engine, spec, tmp_path))
        video = next(one for one in files if one.role is ArtifactRole.VIDEO)
        assert video.frames == len(spec.prompt)
        with pytest.raises(UpstreamError, match="needs its first frame"):
            asyncio.run(engine.submit(replace(spec, first_frame=None)))

    def test_a_picture_is_made(self, tmp_path: Path) -> None:
        spec = replace(self.spec(), model="picture", kind=MediaKind.IMAGE, frames=1, fps=1)
        files = asyncio.run(rendered(self.factory()(), spec, tmp_path))
        assert [one.role for one in files] == [ArtifactRole.IMAGE, ArtifactRole.THUMBNAIL]


class TestStandIn(CoreNodesSuite):
    failing_prompt, stalling_prompt = "[fail]", "[stall]"

    @pytest.fixture(autouse=True)
    def upstream(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        self.folder = tmp_path_factory.mktemp("comfyui")
        with served(ComfyUI(self.folder)) as running:
            self.url = running.url
            yield


@pytest.mark.skipif(not REAL_URL, reason="HINODE_COMFYUI_URL names no ComfyUI")
class TestRealServer(CoreNodesSuite):
    @pytest.fixture(autouse=True)
    def upstream(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.folder, self.url = tmp_path_factory.mktemp("workflows"), REAL_URL


async def rendered(engine: Engine, spec: RenderSpec, folder: Path) -> list[Artifact]:
    ticket = await engine.submit(spec)
    return await engine.collect(ticket, RenderContext(spec, folder, lambda _: None))
