"""Routes of different rules under load: what a job says agrees with its file and its price."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.core.pagination import PageQuery
from hinode.engines.base import Capabilities, RenderContext, Ticket
from hinode.kit.ids import from_video_id
from hinode.media.encode import Mp4Writer
from hinode.media.probe import probe
from hinode.media.types import Artifact, ArtifactRole
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.testing.server import LiveServer, live_server
from tests.support.accounts import account_with, client_with, key_of
from tests.support.live import wait_until_ended

pytestmark = pytest.mark.full

CREDITS_PER_DAY = 400
PRICES = {"studio": 10, "hosted": 40}
RULES = {"studio": ("96x64", 8), "hosted": ("128x96", 12)}
REQUESTS: list[tuple[dict[str, Any], set[str], int]] = [
    # What is asked for, the engines that can render it, and the highest price of these.
    ({}, {"studio", "hosted"}, 40),
    ({"seconds": "1"}, {"studio", "hosted"}, 40),
    ({"seconds": "2"}, {"studio"}, 20),
    ({"size": "96x64"}, {"studio"}, 10),
]
ROUNDS = 6
ONLY_HOSTED = ({"seconds": "3", "size": "128x96"}, {"hosted"}, 120)
PATIENCE_SECONDS = 120.0


class PlannedEngine(ScriptedEngine):
    """Renders exactly the size, frames and rate that it is given, in a while."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__()
        self.name = name
        self._while = seconds

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), hosted=self.name == "hosted")

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        await asyncio.sleep(self._while)
        return await asyncio.to_thread(_file, context)


def _file(context: RenderContext) -> list[Artifact]:
    spec, path = context.spec, context.workdir / "video.mp4"
    picture = np.full((spec.height, spec.width, 3), spec.seed % 256, np.uint8)
    width, height, rate = spec.width, spec.height, spec.fps
    with Mp4Writer(path, width=width, height=height, fps=rate, metadata={"title": "video"}) as film:
        for _ in range(spec.frames):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            film.write_video(frame.reformat(format="yuv420p"))
    kind, frames, seconds = "video/mp4", spec.frames, spec.seconds
    return [Artifact(0, ArtifactRole.VIDEO, path, kind, width, height, frames, seconds)]


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[LiveServer]:
    (tmp_path / "data").mkdir()
    studio = {"engine": "studio", "sizes": ["96x64"], "seconds": [1, 2], "fps": 8}
    hosted = {"engine": "hosted", "sizes": ["128x96"], "seconds": [1, 3], "fps": 12}
    rules = {"overflow_after": 1, "credits_per_day": CREDITS_PER_DAY}
    settings = load_settings(
        data=tmp_path / "data",
        database=database_url,
        engine="studio",
        engines={"studio": {"concurrency": 1}, "hosted": {"concurrency": 2}},
        models={
            "sora-2": {
                "engines": [{**studio, "price": 10}, {**hosted, "price": 40, **rules}],
            }
        },
        shutdown_seconds=0,
    )
    engines = [PlannedEngine("studio", 0.4), PlannedEngine("hosted", 0.1)]
    services = open_services(settings, engines=EngineRegistry(engines))
    with live_server(services) as opened:
        yield opened
    services.close()


def test_seconds_size_price_and_route_of_each_job_agree_with_its_file(
    server: LiveServer, tmp_path: Path
) -> None:
    account = account_with(server.services, 10_000)
    wanted = [*REQUESTS * ROUNDS, ONLY_HOSTED]
    with client_with(server, key_of(server.services, account)) as client:
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda one: _create(client, one[0]), wanted))
        ended = [wait_until_ended(client, one, PATIENCE_SECONDS) for one in made]
        for video, (_, possible, hold) in zip(ended, wanted, strict=True):
            _check(server, client, video, possible, hold, tmp_path / "film.mp4")

    overflowed = [
        one["id"]
        for one, (_, possible, _) in zip(ended, wanted, strict=True)
        if one["engine"] == "hosted" and len(possible) > 1
    ]
    assert 1 <= len(overflowed) <= (CREDITS_PER_DAY - 120) // 40
    _check_ledger(server, account, ended)


def _create(client: httpx.Client, fields: dict[str, Any]) -> str:
    answer = client.post("/videos", json={"prompt": "a fox", "model": "sora-2", **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def _check(
    server: LiveServer,
    client: httpx.Client,
    video: dict[str, Any],
    possible: set[str],
    hold: int,
    film: Path,
) -> None:
    assert video["status"] == "completed", video
    assert video["engine"] in possible
    film.write_bytes(client.get(f"/videos/{video['id']}/content").content)
    facts = probe(film)
    size, fps = RULES[video["engine"]]
    assert (video["size"], video["fps"], video["num_frames"]) == (size, fps, facts.frames)
    assert (f"{facts.width}x{facts.height}", round(facts.fps)) == (size, fps)
    assert int(video["seconds"]) == round(facts.duration) == facts.frames // fps
    job_id = from_video_id(video["id"])
    assert job_id is not None
    job = server.services.core.job_admin.view(job_id).job
    charged = PRICES[video["engine"]] * int(video["seconds"])
    assert (job.price, job.route_price, job.charged) == (hold, charged, charged)


def _check_ledger(server: LiveServer, account: str, videos: list[dict[str, Any]]) -> None:
    entries = server.services.core.accounts.ledger(account, PageQuery(1000)).items
    settled = {one.job_id: one for one in entries if one.kind == "settle"}
    assert {from_video_id(one["id"]): one["engine"] for one in videos} == {
        job_id: one.engine for job_id, one in settled.items()
    }
    spent = sum(PRICES[one["engine"]] * int(one["seconds"]) for one in videos)
    standing = server.services.core.accounts.view(account).standing
    assert (standing.held, standing.spent, standing.balance) == (0, spent, 10_000 - spent)
    hosted = sum(40 * int(one["seconds"]) for one in videos if one["engine"] == "hosted")
    assert hosted <= CREDITS_PER_DAY
