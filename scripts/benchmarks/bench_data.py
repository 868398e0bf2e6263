"""A data folder with a key, queued jobs, a rendered video and a large one, made by the studio."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from hinode.config.settings import load_settings
from hinode.core.accounts.types import Plan
from hinode.core.auth.bootstrap import ensure_admin, first_key
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.key_limits import read_networks
from hinode.core.auth.types import Caller, KeyLimits, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import Job
from hinode.engines.base import RenderContext, RenderSpec
from hinode.engines.registry import installed_engines
from hinode.kit.ids import new_id, to_video_id
from hinode.media.types import Artifact, ArtifactRole, MediaKind
from hinode.services import Services, open_services
from hinode.workflows.queues import create_tables

LARGE_BYTES = 50_000_000
QUEUED = 64
LIMITED_KEYS = 64
"""So many that each makes some jobs a second, as much as one that has limits may."""

_PROMPT = "A red fox runs through snow at sunset"


@dataclass(frozen=True, slots=True)
class BenchData:
    """What requests need: keys, ids of queued jobs, of a short real video and of a large file.

    ``limited`` are keys of an account with counted credits, each with every limit that there is.
    """

    data: Path
    key: str
    limited: tuple[str, ...]
    queued: tuple[str, ...]
    small: str
    large: str


def create_bench_data(data: Path) -> BenchData:
    """Fill a new data folder; no server may run on it yet."""
    data.mkdir(parents=True, mode=0o700)
    # The creates that are measured queue more jobs than an account may have.
    (data / "hinode.toml").write_text("account_max_unfinished = 0\n")
    services = open_services(load_settings(data=data, workers=False))
    try:
        create_tables(services.db)
        ensure_admin(services.db, services.clock)
        made = first_key(services.db, services.clock)
        assert made is not None, "the data folder is not new"
        caller = services.core.auth.authenticate(made.secret, Scope.VIDEOS)
        return BenchData(
            data=data,
            key=made.secret,
            limited=_limited(services),
            small=_finished(services, caller, render_clip(data.parent / "small")),
            large=_finished(services, caller, _large(data.parent / "large.mp4")),
            queued=tuple(to_video_id(_queued(services, caller).id) for _ in range(QUEUED)),
        )
    finally:
        services.close()


def create_gateway_data(data: Path, port: int, **more: int | float) -> str:
    """Make a data folder whose engine is the upstream on a port; return a key for its server.

    ``more`` are settings of the engine.
    """
    data.mkdir(parents=True, mode=0o700)
    lines = [
        'engine = "stub"',
        "account_max_unfinished = 0",
        "shutdown_seconds = 0",
        "[engines.stub]",
        'kind = "openai"',
        'origin = "algorithm"',
        'model = "stub"',
        f'url = "http://127.0.0.1:{port}/v1"',
        *(f"{name} = {value}" for name, value in more.items()),
    ]
    (data / "hinode.toml").write_text("\n".join(lines))
    services = open_services(load_settings(data=data))
    try:
        create_tables(services.db)
        ensure_admin(services.db, services.clock)
        made = first_key(services.db, services.clock)
        assert made is not None, "the data folder is not new"
        return made.secret
    finally:
        services.close()


def _limited(services: Services) -> tuple[str, ...]:
    """Make an account and its keys; nothing of what they may is ever used up."""
    services.core.accounts.create(AccountCreate("limited", Plan.PRO, credits=10**12))
    limits = KeyLimits(
        spend_hour=10**9,
        spend_day=10**9,
        spend_total=10**9,
        per_minute=10**6,
        max_unfinished=10**6,
        models=("sora-2",),
        networks=read_networks(("127.0.0.0/8", "2001:db8::/32")),
    )
    scopes = frozenset({Scope.TASKS})
    return tuple(
        services.core.keys.create(KeyCreate("limited", f"k{number}", scopes, limits=limits)).secret
        for number in range(LIMITED_KEYS)
    )


def _queued(services: Services, caller: Caller) -> Job:
    return services.core.jobs.create_video(caller, VideoRequest(_PROMPT, GenerationParams()))


def _finished(services: Services, caller: Caller, video: Artifact) -> str:
    order = services.core.execution.begin(_queued(services, caller).id)
    assert order is not None
    assert services.core.execution.complete(order.job, [video])
    return to_video_id(order.job.id)


def _large(path: Path) -> Artifact:
    """Make a file of bytes that are no video: a download does not look into it."""
    path.write_bytes(bytes(range(250)) * (LARGE_BYTES // 250))
    return Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 1280, 720, 120, 4.0)


def render_clip(work: Path, frames: int = 60) -> Artifact:
    """Render a small picture, 30 frames a second, with the preview engine."""
    work.mkdir()
    spec = RenderSpec(
        job_id=new_id(),
        kind=MediaKind.VIDEO,
        prompt=_PROMPT,
        width=480,
        height=272,
        fps=30,
        frames=frames,
        seed=7,
        outputs=1,
        watermark=False,
        first_frame=None,
    )
    artifacts = asyncio.run(_collect(spec, work))
    return next(one for one in artifacts if one.role is ArtifactRole.VIDEO)


async def _collect(spec: RenderSpec, work: Path) -> list[Artifact]:
    engine = installed_engines().get("preview")
    ticket = await engine.submit(spec)
    return await engine.collect(ticket, RenderContext(spec, work, lambda _percent: None))
