"""Rendering a prompt in this process, without a server or a database."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from hinode.cli.wish import Bar, GenerateWish, progress_bar
from hinode.config.settings import Settings
from hinode.engines.base import (
    Artifact,
    ArtifactRole,
    Engine,
    MediaKind,
    RenderContext,
    RenderSpec,
)
from hinode.engines.registry import installed_engines
from hinode.engines.signing import ArtifactSigner
from hinode.foundation import build_catalog, provenance_folder
from hinode.kit.ids import new_id
from hinode.media.validate import BadImage, ImageLimits, normalize_image
from hinode.studio.catalog.service import Wish
from hinode.studio.catalog.types import Fitted
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.text import check_prompt


def render_here(settings: Settings, wish: GenerateWish) -> list[Path]:
    """Render and return the files written. Raises ``StudioError`` and ``EngineError``."""
    wish.check_output()
    check_prompt(wish.prompt)
    fitted = build_catalog(settings).fit(_to_catalog(wish), MediaKind.VIDEO)
    engine = installed_engines(settings.engines).get(fitted.model.engine)
    with tempfile.TemporaryDirectory(prefix="hinode-") as folder, progress_bar() as bar:
        spec = _spec(wish, fitted, Path(folder))
        work = Path(folder) / "out"
        work.mkdir()
        artifacts = asyncio.run(_run(engine, spec, work, bar))
        ArtifactSigner(provenance_folder(settings)).sign(artifacts, engine, fitted.model.id)
        return [_keep(wish, one) for one in artifacts if one.role is ArtifactRole.VIDEO]


async def _run(engine: Engine, spec: RenderSpec, work: Path, bar: Bar) -> list[Artifact]:
    ticket = await engine.submit(spec)
    return await engine.collect(ticket, RenderContext(spec, work, bar.show))


def _to_catalog(wish: GenerateWish) -> Wish:
    return Wish(wish.model, wish.size, wish.seconds, wish.n, wish.seed, wish.watermark)


def _spec(wish: GenerateWish, fitted: Fitted, folder: Path) -> RenderSpec:
    plan = fitted.plan
    return RenderSpec(
        job_id=new_id(),
        kind=fitted.model.kind,
        prompt=wish.prompt,
        width=plan.width,
        height=plan.height,
        fps=plan.fps,
        frames=plan.frames,
        seed=plan.seed,
        outputs=plan.outputs,
        watermark=plan.watermark,
        first_frame=_first_frame(wish.image, folder),
    )


def _first_frame(image: Path | None, folder: Path) -> Path | None:
    if image is None:
        return None
    upright = folder / "first-frame.png"
    try:
        normalize_image(image, upright, ImageLimits())
    except BadImage as error:
        raise StudioError(ErrorCode.INVALID_IMAGE, str(error), param="image") from error
    return upright


def _keep(wish: GenerateWish, artifact: Artifact) -> Path:
    target = wish.file(artifact.output)
    shutil.move(artifact.path, target)
    return target
