"""The engine of open-weight models with a folder of tiny ones, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hinode.engines.base import (
    Artifact,
    ArtifactRole,
    MediaKind,
    RenderContext,
    RenderParameters,
    RenderSpec,
)
from hinode.engines.diffusers.engine import DiffusersEngine
from hinode.engines.diffusers.settings import DiffusersSettings
from hinode.kit.ids import new_id
from hinode.media.probe import VideoInfo, probe
from tests.support.open_models import TORCH_PYTHON

SECONDS = 300


@dataclass
class Studio:
    """The engine with tiny models, and the spec that each test changes."""

    engine: DiffusersEngine
    models: Path
    folder: Path

    def spec(self, model: str, **changes: Any) -> RenderSpec:
        spec = RenderSpec(
            new_id(), MediaKind.VIDEO, "a red boat", 64, 64, fps=10, frames=20, seed=7,
            parameters=RenderParameters(num_inference_steps=2), model=str(self.models / model),
        )  # fmt: skip
        return replace(spec, **changes)

    async def collect(self, spec: RenderSpec, told: list[float] | None = None) -> list[Artifact]:
        work = self.folder / spec.job_id.hex
        work.mkdir()
        seen: list[float] = [] if told is None else told
        context = RenderContext(spec, work, seen.append)
        async with asyncio.timeout(SECONDS):
            return await self.engine.collect(await self.engine.submit(spec), context)

    def render(self, model: str, **changes: Any) -> dict[ArtifactRole, Artifact]:
        """Render the first output; return its files."""
        files = asyncio.run(self.collect(self.spec(model, **changes)))
        return {one.role: one for one in files if one.output == 0}

    def video(self, model: str, **changes: Any) -> VideoInfo:
        return probe(self.render(model, **changes)[ArtifactRole.VIDEO].path)

    @property
    def pid(self) -> int | None:
        return self.engine._pool.workers[0].pid


@contextmanager
def opened_studio(models: Path, folder: Path) -> Iterator[Studio]:
    """Run the engine with the tiny models of a folder; renders go to another one."""
    settings = DiffusersSettings.model_validate(
        {"kind": "diffusers", "devices": "cpu", "python": str(TORCH_PYTHON), "model_folder": models}
    )
    made = Studio(DiffusersEngine("local", settings), models, folder)
    yield made
    made.engine._pool.workers[0].unload()
