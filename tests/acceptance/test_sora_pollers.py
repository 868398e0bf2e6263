"""Every known way to wait for a job ends rightly, with 20 videos at once and a server that dies."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import cycle
from pathlib import Path

import httpx
import pytest

from tests.support import patient
from tests.support.hinode_process import HinodeProcess, hinode
from tests.support.pollers import (
    IMAGE_POLLERS,
    VIDEO_POLLERS,
    End,
    Line,
    Poller,
    Verdict,
)

pytestmark = pytest.mark.full

VIDEOS, PICTURES = 20, 4
FAIL_EVERY = 4
ENOUGH_TO_KILL = 5
PATIENCE_SECONDS = 90.0
SENTINEL = {"openai-sentinel-token": "Ab3dEf9hIj2k"}

Job = tuple[str, bool]
"""A task's id, and whether it is made to fail."""


@pytest.fixture
def sora(tmp_path: Path) -> Iterator[HinodeProcess]:
    environment = {
        "HINODE_ENGINE": "scripted",
        "HINODE_ENGINES__SCRIPTED__CONCURRENCY": "4",
        "HINODE_PLANS__FREE__MAX_UNFINISHED": "0",
        "HINODE_PLANS__FREE__VIDEOS_PER_DAY": "0",
        "HINODE_PLANS__TEAM__MAX_UNFINISHED": "0",
        "SCRIPTED_SECONDS": "2",
    }
    process = HinodeProcess(tmp_path / "data", environment, "tests.support.scripted_server")
    process.start()
    yield process
    process.stop()


def two_keys(server: HinodeProcess) -> tuple[str, str]:
    """Keys of two accounts.

    Clients look at the newest 15 drafts only: one account with 20 would let them lose theirs.
    """
    place = ("--data", str(server.data))
    assert hinode("account", "create", "other", "--credits", "unlimited", *place).returncode == 0
    made = hinode("key", "create", "k", "--account", "other", *place)
    assert made.returncode == 0, made.stderr
    return server.key, made.stdout.strip()


def prompt_of(number: int) -> str:
    return f"fox number {number}" + (" [fail]" if fails(number) else "")


def fails(number: int) -> bool:
    return number % FAIL_EVERY == FAIL_EVERY - 1


class Clients:
    """All clients at once: each job is followed by every poller from the moment it is made."""

    def __init__(self, server: HinodeProcess, lines: list[httpx.AsyncClient]) -> None:
        self._server = server
        self._lines = cycle(lines)
        self.following: dict[tuple[str, Job], asyncio.Task[Verdict]] = {}

    async def create_videos(self) -> None:
        for number in range(VIDEOS):
            body = {
                "kind": "video",
                "prompt": prompt_of(number),
                "orientation": "portrait",
                "size": "small",
                "n_frames": 300,
                "model": "sy_8",
                "inpaint_items": [],
            }
            await self._create("/nf/create", body, fails(number), VIDEO_POLLERS)

    async def create_pictures(self) -> None:
        for number in range(PICTURES):
            body = {
                "type": "image_gen",
                "operation": "simple_compose",
                "prompt": prompt_of(number),
                "width": 360,
                "height": 360,
                "n_variants": 1,
                "n_frames": 1,
                "inpaint_items": [],
            }
            await self._create("/video_gen", body, fails(number), IMAGE_POLLERS)

    async def kill_in_the_middle(self) -> None:
        """Kill -9 when some jobs have ended and others have not begun, and start again."""
        while len(self.ended) < ENOUGH_TO_KILL:
            waiting = [task for task in self.following.values() if not task.done()]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert len(self.ended) < len(self.jobs), "nothing was left to be killed"
        await asyncio.to_thread(self._server.kill)
        await asyncio.to_thread(self._server.start)

    @property
    def jobs(self) -> set[Job]:
        return {job for _, job in self.following}

    @property
    def ended(self) -> set[Job]:
        return {job for (_, job), task in self.following.items() if task.done()}

    async def verdicts(self) -> dict[tuple[str, Job], Verdict]:
        """Wait until every client has made up its mind."""
        _, waiting = await asyncio.wait(self.following.values(), timeout=PATIENCE_SECONDS)
        late = [what for what, task in self.following.items() if task in waiting]
        assert not late, f"{late}\n{self._server.log.read_text()[-4000:]}"
        return {what: task.result() for what, task in self.following.items()}

    async def _create(
        self, path: str, body: object, failing: bool, pollers: tuple[type[Poller], ...]
    ) -> None:
        http = next(self._lines)
        answer = await http.post(path, json=body, headers=SENTINEL)
        assert answer.status_code == 200, answer.text
        job = answer.json()["id"], failing
        for kind in pollers:
            follow = kind(Line(http)).follow(job[0])
            self.following[kind.name, job] = asyncio.ensure_future(follow)


async def run(server: HinodeProcess) -> dict[tuple[str, Job], Verdict]:
    async with AsyncExitStack() as opened:
        lines = [await opened.enter_async_context(line_of(server, key)) for key in two_keys(server)]
        clients = Clients(server, lines)
        await clients.create_videos()
        # Last: their clients look at the newest 20 tasks only, and videos are among these.
        await clients.create_pictures()
        await clients.kill_in_the_middle()
        verdicts = await clients.verdicts()
        for url in {verdict.url for verdict in verdicts.values() if verdict.url}:
            # Downloads carry no token.
            assert (await asyncio.to_thread(patient.get, url)).status_code == 200
        return verdicts


def line_of(server: HinodeProcess, key: str) -> httpx.AsyncClient:
    return patient.AsyncClient(
        base_url=f"{server.address}/backend",
        headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
        limits=httpx.Limits(max_connections=8),
        timeout=30,
    )


def test_every_poller_learns_how_every_job_ended(sora: HinodeProcess) -> None:
    verdicts = asyncio.run(run(sora))

    wrong = {
        (name, task): verdict
        for (name, (task, failing)), verdict in verdicts.items()
        if verdict.end is not (End.FAILED if failing else End.DONE)
    }
    assert not wrong
    assert len(verdicts) == VIDEOS * len(VIDEO_POLLERS) + PICTURES * len(IMAGE_POLLERS)
    reasons = Counter(v.reason for v in verdicts.values() if v.end is End.FAILED)
    assert not [one for one in reasons if "401" in one or "429" in one]
