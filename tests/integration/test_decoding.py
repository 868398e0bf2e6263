"""Decoding happens in other processes: within bounds, given up on request, nobody behind clips."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image

from hinode.core.host_failures import HostFailure, host_failure
from hinode.kit.fair_slots import FairSlots, TooManyWaiting
from hinode.media.clip_check import BadClip
from hinode.media.decoding.decoder import Decoder, DecodingLane
from hinode.media.decoding.process import decode
from hinode.media.decoding.protocol import DecodingDied, Rejected, Request
from hinode.media.image_check import BadImage, BadImageCode
from tests.support.decoded_once import run_in_lane
from tests.support.films import write_film
from tests.support.profiles import SPACES


@pytest.fixture(autouse=True)
def really(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here nothing is remembered: each request goes to a process."""
    monkeypatch.setattr(DecodingLane, "run", run_in_lane)


OBEDIENT = """
import errno, os, signal, time

MEMORY_BYTES = 2**28

def run(request):
    match request["do"]:
        case "sleep":
            open(request["path"], "w").close()
            time.sleep(60)
        case "spin":
            while True:
                pass
        case "die":
            os.kill(os.getpid(), signal.Signals[request["signal"]])
        case "eat":
            return {"eaten": len(bytearray(2**29))}
        case "fill":
            raise OSError(errno.ENOSPC, "No space left on device")
    return {"pid": os.getpid(), "parent": os.getppid(), "names": sorted(os.environ)}
"""


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A kind of task that does as it is told."""
    (tmp_path / "obedient_task.py").write_text(OBEDIENT)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "obedient_task"


def lane(task: str, slots: int = 2) -> DecodingLane:
    return DecodingLane(task, FairSlots(slots, waiting_per_key=1, waiting=9), kept=1)


def told(do: str, seconds: float = 20.0, **more: Any) -> Request:
    return {"do": do, "seconds": seconds, **more}


def in_lane(work: Callable[[DecodingLane], Coroutine[Any, Any, None]], of: DecodingLane) -> None:
    async def run() -> None:
        try:
            await work(of)
        finally:
            await of.close()

    asyncio.run(run())


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - another process makes it true
            await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_each_request_has_a_process_of_its_own_that_knows_no_secret(
    task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINODE_TOKEN", "secret")

    async def work(of: DecodingLane) -> None:
        first, second = [await of.run("a", told("tell")) for _ in range(2)]
        assert first["parent"] == second["parent"] != os.getpid()
        assert first["pid"] != second["pid"]
        assert not [name for name in first["names"] if name.startswith("HINODE_")]
        assert of.served == 2

    in_lane(work, lane(task))


@pytest.mark.parametrize(
    ("request_", "late"),
    [
        (told("sleep", 0.2, path=os.devnull), True),
        (told("spin", 0.2), True),
        (told("die", signal="SIGSEGV"), False),
    ],
    ids=["sleeps", "spins", "crashes"],
)
def test_what_a_file_does_to_its_process_ends_with_it(
    task: str, request_: Request, late: bool
) -> None:
    async def work(of: DecodingLane) -> None:
        before = await of.run("a", told("tell"))
        with pytest.raises(DecodingDied) as died:
            await of.run("a", request_)
        assert died.value.late is late
        # The process that loaded the decoders is the same.
        assert (await of.run("a", told("tell")))["parent"] == before["parent"]

    in_lane(work, lane(task))
    with pytest.raises(DecodingDied):
        decode(task, request_)


def test_memory_is_bounded(task: str) -> None:
    with pytest.raises(Rejected):
        decode(task, told("eat"))


@pytest.mark.parametrize(
    ("request_", "failure"),
    [
        (told("fill"), HostFailure.DISK_FULL),
        (told("die", signal="SIGKILL"), HostFailure.MEMORY),
    ],
)
def test_trouble_of_the_host_is_not_the_files(
    task: str, request_: Request, failure: HostFailure
) -> None:
    with pytest.raises((OSError, MemoryError)) as raised:
        decode(task, request_)

    assert host_failure(raised.value) is failure


def test_a_request_is_given_up_and_its_slot_is_free(task: str, tmp_path: Path) -> None:
    started = tmp_path / "started"

    async def work(of: DecodingLane) -> None:
        before = await of.run("a", told("tell"))
        sleeping = asyncio.create_task(of.run("a", told("sleep", path=str(started))))
        await until(started.exists)
        sleeping.cancel()
        await asyncio.gather(sleeping, return_exceptions=True)
        after = await of.run("a", told("tell"))
        assert after["parent"] == before["parent"]

    in_lane(work, lane(task, 1))


def test_a_process_that_was_killed_is_replaced(task: str) -> None:
    async def work(of: DecodingLane) -> None:
        before = await of.run("a", told("tell"))
        os.kill(before["parent"], signal.SIGKILL)
        after = await of.run("a", told("tell"))
        assert after["parent"] != before["parent"]

    in_lane(work, lane(task, 1))


def test_nothing_runs_when_the_lane_is_closed(task: str, tmp_path: Path) -> None:
    started, parents = tmp_path / "started", []

    async def work(of: DecodingLane) -> None:
        parents.append((await of.run("a", told("tell")))["parent"])
        sleeping = asyncio.create_task(of.run("a", told("sleep", path=str(started))))
        await until(started.exists)
        await of.close()
        with pytest.raises(BrokenExecutor):
            await sleeping

    in_lane(work, lane(task))
    assert not alive(parents[0])


def test_an_account_waits_only_for_itself(task: str, tmp_path: Path) -> None:
    started = tmp_path / "started"

    async def work(of: DecodingLane) -> None:
        sleeping = asyncio.create_task(of.run("a", told("sleep", path=str(started))))
        await until(started.exists)
        waiting = asyncio.create_task(of.run("a", told("tell")))
        await asyncio.sleep(0)
        with pytest.raises(TooManyWaiting):
            await of.run("a", told("tell"))
        assert await of.run("b", told("tell"))
        sleeping.cancel()
        assert await waiting

    in_lane(work, lane(task))


def big_png(path: Path, mode: str) -> Path:
    Image.new(mode, (5000, 5000)).save(path, compress_level=1)
    return path


@pytest.mark.full
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "I;16", "L", "1"])
def test_the_largest_pictures_fit_into_the_memory_of_their_process(
    tmp_path: Path, mode: str
) -> None:
    async def run() -> None:
        one = Decoder()
        path = big_png(tmp_path / "big.png", mode)
        assert (await one.normalize_image("a", path, tmp_path / "out.png")).width == 5000
        assert (await one.normalize_mask("a", path, tmp_path / "out.png")).width == 5000
        await one.close()

    asyncio.run(run())


@pytest.mark.full
@pytest.mark.parametrize("form", ["heic", "avif", "jpeg"])
def test_the_largest_pictures_of_phones_fit_too(tmp_path: Path, form: str) -> None:
    async def run() -> None:
        one, path = Decoder(), tmp_path / f"big.{form}"
        image = Image.new("RGB", (4032, 3024), (180, 120, 90))
        given = {"icc_profile": SPACES["Display P3"].profile, "quality": 80}
        if form == "heic":
            pillow_heif.register_heif_opener()
        image.save(path, "HEIF" if form == "heic" else form, **given)
        assert (await one.normalize_image("a", path, tmp_path / "out.png")).width == 4032
        await one.close()

    asyncio.run(run())


def test_pictures_and_clips_are_refused_in_their_own_words(tmp_path: Path) -> None:
    text, clip = tmp_path / "text", write_film(tmp_path / "clip.mp4")
    text.write_bytes(b"just text")

    async def run() -> None:
        one = Decoder()
        with pytest.raises(BadImage) as refused:
            await one.check_image("a", text)
        assert refused.value.code is BadImageCode.NOT_AN_IMAGE
        with pytest.raises(BadClip):
            await one.check_clip("a", text)
        assert (await one.check_clip("a", clip)).seconds > 0
        await one.close()

    asyncio.run(run())
