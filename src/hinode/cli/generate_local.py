"""Render a prompt in this process, without a server."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from hinode.api.openai.video_requests import CreateVideo
from hinode.api.parsing import parse
from hinode.cli import options
from hinode.cli.generate_options import (
    SERVER_ONLY,
    GenerateOptions,
    ProgressBar,
    Rendered,
    fail,
    progress_bar,
    tell_ignored,
)
from hinode.components import (
    build_catalog,
    engine_capabilities,
    engines_with_accounts,
    open_keys,
)
from hinode.config.settings import Settings
from hinode.core.catalog.capabilities import (
    Requirements,
    check_capabilities,
    parameter_support,
)
from hinode.core.catalog.service import resolve
from hinode.core.catalog.types import ResolvedRequest
from hinode.core.cluster.keyring import ClusterKeySource
from hinode.core.cluster.types import KeyPurpose
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.parameter_fit import fit_request
from hinode.core.jobs.requests import VideoRequest
from hinode.core.text_checks import check_prompt
from hinode.engines.base import (
    Artifact,
    ArtifactRole,
    Engine,
    EngineError,
    JobAction,
    MediaKind,
    RenderContext,
    RenderSpec,
)
from hinode.engines.provenance import ArtifactSigner
from hinode.engines.registry import installed_engines
from hinode.kit.clock import SystemClock
from hinode.kit.ids import new_id
from hinode.media.image_check import BadImage, ImageLimits, normalize_image


def render_local(settings: Settings, opts: GenerateOptions) -> Rendered:
    """Render to files. Raises ``HinodeError`` and ``EngineError``."""
    opts.check_output()
    _reject_server_only(opts)
    check_prompt(opts.prompt)
    catalog, wanted = build_catalog(settings), _request(opts)
    # Of several engines the first one, by its own rules.
    _, model = catalog.get(wanted.params.model, MediaKind.VIDEO).ways[0]
    engine = _engine(settings, model.engine)
    declared = {engine.name: engine_capabilities(engine, [model.upstream])}
    wanted = fit_request(wanted, model, parameter_support(declared, model))
    check_capabilities(declared, model, Requirements(JobAction.CREATE, _image_roles(opts), 1))
    tell_ignored(wanted.ignored)
    resolved = resolve(model, wanted.params)
    with tempfile.TemporaryDirectory(prefix="hinode-") as folder, progress_bar() as bar:
        spec = _spec(opts, wanted, resolved, Path(folder))
        work = Path(folder) / "out"
        work.mkdir()
        artifacts = asyncio.run(_run(engine, spec, work, bar))
        _sign(settings, artifacts, engine, spec)
        videos = [one for one in artifacts if one.role is ArtifactRole.VIDEO]
        return Rendered([_move_output(opts, one) for one in videos])


def _reject_server_only(opts: GenerateOptions) -> None:
    """Exit for what only a server has."""
    for name, option in SERVER_ONLY.items():
        if name in opts.parameters:
            fail(f"{option} names what a server keeps: add --server URL --key KEY.")


def _engine(settings: Settings, name: str) -> Engine:
    if name in engines_with_accounts(settings):
        raise EngineError(
            "engine_needs_server",
            f"The engine '{name}' renders with accounts, which a server has: start `hinode serve` "
            "and add --server URL --key KEY.",
        )
    return installed_engines(settings.engine_tables).get(name)


async def _run(engine: Engine, spec: RenderSpec, work: Path, bar: ProgressBar) -> list[Artifact]:
    ticket = await engine.submit(spec)
    return await engine.collect(ticket, RenderContext(spec, work, bar.show))


def _sign(settings: Settings, artifacts: list[Artifact], engine: Engine, spec: RenderSpec) -> None:
    """Sign as the servers of this database do."""
    with options.open_database(settings) as db:
        keyring = open_keys(settings, db, SystemClock())
        keys = ClusterKeySource(keyring, KeyPurpose.PROVENANCE)
        ArtifactSigner(keys).sign(artifacts, engine, spec.catalog_model or "", spec.model)


def _request(opts: GenerateOptions) -> VideoRequest:
    return parse(CreateVideo, {"prompt": opts.prompt, **opts.parameters}).request(None)  # type: ignore[dict-item]


def _image_roles(opts: GenerateOptions) -> frozenset[ArtifactRole]:
    given = {
        ArtifactRole.UPLOAD: opts.image,
        ArtifactRole.LAST_FRAME: opts.last_frame,
        ArtifactRole.REFERENCE: opts.reference_images,
    }
    return frozenset(role for role, files in given.items() if files)


def _spec(
    opts: GenerateOptions, wanted: VideoRequest, resolved: ResolvedRequest, folder: Path
) -> RenderSpec:
    plan = resolved.plan
    return RenderSpec(
        job_id=new_id(),
        kind=resolved.model.kind,
        prompt=opts.prompt,
        width=plan.width,
        height=plan.height,
        fps=plan.fps,
        frames=plan.frames,
        seed=plan.seed,
        outputs=plan.outputs,
        watermark=plan.watermark,
        first_frame=_picture(opts.image, folder, "first-frame"),
        style=wanted.style,
        parameters=wanted.params.render,
        last_frame=_picture(opts.last_frame, folder, "last-frame"),
        references=tuple(
            picture
            for number, path in enumerate(opts.reference_images)
            if (picture := _picture(path, folder, f"reference-{number}"))
        ),
        model=resolved.model.upstream,
        catalog_model=resolved.model.id,
    )


def _picture(image: Path | None, folder: Path, name: str) -> Path | None:
    if image is None:
        return None
    upright = folder / f"{name}.png"
    try:
        normalize_image(image, upright, ImageLimits())
    except BadImage as error:
        raise HinodeError(ErrorCode.INVALID_IMAGE, str(error), param="image") from error
    return upright


def _move_output(opts: GenerateOptions, artifact: Artifact) -> Path:
    target = opts.output_path(artifact.output)
    shutil.move(artifact.path, target)
    return target
