"""The engine's processes with a scripted one in place of torch: kept, replaced, ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hinode.engines.base import EngineError, MediaKind, RenderContext, RenderSpec
from hinode.engines.diffusers.engine import DiffusersEngine
from hinode.engines.diffusers.process.device_worker import DeviceWorker
from hinode.engines.diffusers.settings import DiffusersSettings
from hinode.kit.ids import new_id
from tests.support.fake_hub import Repository, fake_hub
from tests.support.hinode_process import is_alive
from tests.support.open_models import WAN, model_files
from tests.support.scripted_renderer import interpreter

SECONDS = 60


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Two models whose folders say what they are, and hold no weights."""
    for name in ("one", "two"):
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True)
        index = {"_class_name": "WanPipeline", "scheduler": ["diffusers", "UniPCScheduler"]}
        (folder / "model_index.json").write_text(json.dumps(index))
        (folder / "scheduler").mkdir()
        (folder / "scheduler" / "scheduler_config.json").write_text("{}")
    return tmp_path / "models"


class Studio:
    """An engine with scripted processes, and what rendered with it."""

    def __init__(self, folder: Path, models: Path, **settings: object) -> None:
        given = {
            "kind": "diffusers",
            "devices": ("cuda:0",),
            "python": interpreter(folder),
            "model_folder": models,
        }
        self.engine = DiffusersEngine("local", DiffusersSettings.model_validate(given | settings))
        self._folder, self._models = folder, models

    def spec(self, prompt: str, model: str) -> RenderSpec:
        path = model if "/" in model else str(self._models / model)
        return RenderSpec(
            new_id(), MediaKind.VIDEO, prompt, 64, 64, fps=10, frames=20, seed=1, model=path
        )

    async def render(self, prompt: str, model: str = "one") -> int:
        """Render; return the id of the process that did."""
        spec = self.spec(prompt, model)
        work = self._folder / spec.job_id.hex
        work.mkdir()
        async with asyncio.timeout(SECONDS):
            context = RenderContext(spec, work, lambda _: None)
            (made,) = await self.engine.collect(await self.engine.submit(spec), context)
        return int(made.path.read_text())

    async def begin(self, prompt: str) -> asyncio.Task[int]:
        """Begin a render and wait until a process works on it."""
        task = asyncio.create_task(self.render(prompt))
        await until(lambda: self.pids() != [])
        return task

    def pids(self) -> list[int]:
        return [one.pid for one in self.engine._pool.workers if one.pid is not None]

    @property
    def worker(self) -> DeviceWorker:
        return self.engine._pool.workers[0]

    def go(self) -> None:
        """Let jobs that write their files end."""
        (self._folder / "go").touch()

    def close(self) -> None:
        for one in self.engine._pool.workers:
            one.unload()


@pytest.fixture
def studio(tmp_path: Path, models: Path) -> Iterator[Studio]:
    made = Studio(tmp_path, models)
    yield made
    made.close()


async def until(check: object) -> None:
    assert callable(check)
    async with asyncio.timeout(SECONDS):
        while not check():  # noqa: ASYNC110 - what is awaited has no event
            await asyncio.sleep(0.01)


def test_a_process_is_kept_for_its_model_and_replaced_for_another(studio: Studio) -> None:
    async def run() -> list[int]:
        return [await studio.render("boat", one) for one in ("one", "one", "two", "one")]

    first, again, other, back = asyncio.run(run())
    assert first == again
    assert len({first, other, back}) == 3
    assert not is_alive(other)


def test_a_failure_keeps_the_process_and_a_fatal_one_does_not(studio: Studio) -> None:
    async def run() -> list[int]:
        pids = [await studio.render("boat")]
        for prompt, code in (("fail", "render_failed"), ("exhaust", "out_of_memory")):
            with pytest.raises(EngineError, match="As the prompt says") as failed:
                await studio.render(prompt)
            assert failed.value.code == code
            pids.append(await studio.render("boat"))
        return pids

    first, after_failure, after_exhaustion = asyncio.run(run())
    assert first == after_failure != after_exhaustion


def test_a_process_that_dies_costs_its_job_only(studio: Studio) -> None:
    async def run() -> None:
        with pytest.raises(EngineError) as failed:
            await studio.render("die")
        assert (failed.value.code, failed.value.host_suspected) == ("render_crashed", True)
        await studio.render("boat")
        for pid in studio.pids():  # while it is idle, it costs no job at all
            os.kill(pid, signal.SIGKILL)
        await studio.render("boat")

    asyncio.run(run())


def test_a_canceled_job_keeps_its_process(studio: Studio) -> None:
    async def run() -> tuple[list[int], int]:
        task = await studio.begin("stall")
        before = studio.pids()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return before, await studio.render("boat")

    before, after = asyncio.run(run())
    assert before == [after]


def test_a_job_that_hears_no_cancel_ends_with_its_process(tmp_path: Path, models: Path) -> None:
    studio = Studio(tmp_path, models, cancel_seconds=0.2)

    async def run() -> tuple[list[int], int]:
        task = await studio.begin("deaf")
        before = studio.pids()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return before, await studio.render("boat")

    (before,), after = asyncio.run(run())
    assert before != after
    assert not is_alive(before)
    studio.close()


def test_a_job_has_its_time_from_when_its_model_is_loaded(tmp_path: Path, models: Path) -> None:
    studio = Studio(tmp_path, models, render_timeout_seconds=0.1, cancel_seconds=0.2)
    with pytest.raises(TimeoutError):
        asyncio.run(studio.render("deaf"))
    studio.close()


def test_jobs_go_to_the_device_that_holds_their_model(tmp_path: Path, models: Path) -> None:
    studio = Studio(tmp_path, models, devices=("cuda:0", "cuda:1"))

    async def run() -> tuple[dict[str, int], dict[str, int]]:
        names = ("one", "two")
        first = [await studio.render("boat", one) for one in names]
        again = [await studio.render("boat", one) for one in reversed(names)]
        return dict(zip(names, first, strict=True)), dict(zip(reversed(names), again, strict=True))

    first, again = asyncio.run(run())
    assert first == again
    assert len(set(first.values())) == 2
    studio.close()


def test_a_job_waits_for_a_device_and_gives_its_place_up(studio: Studio) -> None:
    async def run() -> None:
        busy = await studio.begin("stall")
        waiting = [asyncio.create_task(studio.render("boat")) for _ in range(2)]
        await until(lambda: len(studio.engine._pool._waiting) == 2)
        waiting[0].cancel()
        busy.cancel()
        await asyncio.gather(busy, waiting[0], return_exceptions=True)
        await waiting[1]

    asyncio.run(run())


async def writing(studio: Studio) -> asyncio.Task[int]:
    """Begin a job and wait until only its files are to be written."""
    task = asyncio.create_task(studio.render("write"))
    await until(lambda: studio.worker._writing is not None)
    return task


def test_a_job_renders_while_the_files_of_the_one_before_are_written(studio: Studio) -> None:
    async def run() -> tuple[int, int]:
        first = await writing(studio)
        second = await studio.render("boat")
        assert not first.done()
        assert await studio.engine.maintenance() == 0
        studio.go()
        return await first, second

    first, second = asyncio.run(run())
    assert first == second


def test_a_cancel_of_one_of_two_leaves_the_other(studio: Studio) -> None:
    async def run() -> None:
        first = await writing(studio)
        second = asyncio.create_task(studio.render("stall"))
        await until(lambda: studio.worker._job is not None and studio.worker._job.begun)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await until(lambda: studio.worker._writing is None)
        assert not second.done()
        first = await writing_beside(studio, second)
        studio.go()
        assert await first == studio.pids()[0]

    asyncio.run(run())


async def writing_beside(studio: Studio, stalled: asyncio.Task[int]) -> asyncio.Task[int]:
    """Cancel a job, and begin another whose files are written while a third one is canceled."""
    stalled.cancel()
    first = await writing(studio)
    third = await studio.begin("stall")
    await until(lambda: studio.worker._job is not None and studio.worker._job.begun)
    third.cancel()
    await asyncio.gather(stalled, third, return_exceptions=True)
    await until(lambda: studio.worker._job is None)
    assert not first.done()
    return first


def test_two_jobs_whose_process_dies_are_rendered_again_each_alone(studio: Studio) -> None:
    async def run() -> tuple[int, int, int]:
        first = await writing(studio)
        (pid,) = studio.pids()
        second = asyncio.create_task(studio.render("stall"))
        await until(lambda: studio.worker._job is not None and studio.worker._job.begun)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: studio.worker._job is not None and studio.pids() not in ([], [pid]))
        studio.go()
        third = asyncio.create_task(studio.render("boat"))
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        return pid, await first, await third

    died, first, third = asyncio.run(run())
    assert first == third != died


@pytest.mark.parametrize("prompt", ["die", "exhaust"])
def test_a_job_that_ends_its_process_costs_the_other_no_try(studio: Studio, prompt: str) -> None:
    async def run() -> None:
        first = await writing(studio)
        second = asyncio.create_task(studio.render(prompt))
        await until(lambda: len(studio.engine._pool._waiting) == 1 or second.done())
        studio.go()
        await first
        with pytest.raises(EngineError):
            await second

    asyncio.run(run())


def test_another_model_waits_for_the_files_of_the_job_before(studio: Studio) -> None:
    async def run() -> tuple[int, int]:
        first = await writing(studio)
        second = asyncio.create_task(studio.render("boat", "two"))
        await until(lambda: studio.worker._job is not None)
        assert is_alive(studio.pids()[0])
        studio.go()
        return await first, await second

    first, second = asyncio.run(run())
    assert first != second


def test_an_idle_model_is_unloaded(tmp_path: Path, models: Path) -> None:
    studio = Studio(tmp_path, models, keep_loaded_seconds=0)
    pid = asyncio.run(studio.render("boat"))
    assert asyncio.run(studio.engine.maintenance()) == 1
    assert not is_alive(pid)
    assert asyncio.run(studio.engine.maintenance()) == 0


def test_a_process_sees_its_device_only_and_none_of_our_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, models: Path
) -> None:
    monkeypatch.setenv("HINODE_SECRET", "secret")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-a,GPU-b")
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    monkeypatch.setenv("PYTORCH_CUDA_ALLOC_CONF", "backend:native")
    studio = Studio(tmp_path, models, devices=("cuda:1",))
    asyncio.run(studio.render("boat"))
    text = Path(f"/proc/{studio.pids()[0]}/environ").read_text()
    environment = dict(one.split("=", 1) for one in text.split("\0") if one)
    assert environment["CUDA_VISIBLE_DEVICES"] == "GPU-b"
    # The numbers of the driver's own list, and what the operator says of the allocator.
    assert environment["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert environment["PYTORCH_CUDA_ALLOC_CONF"] == "backend:native"
    assert "PYTORCH_ALLOC_CONF" not in environment
    assert environment["HF_HUB_OFFLINE"] == "1"
    assert not [name for name in environment if name.startswith("HINODE_")]
    studio.close()


def test_clients_are_told_of_no_path_of_this_machine(studio: Studio, models: Path) -> None:
    for name in ("missing", "strange"):
        (models / "strange").mkdir(exist_ok=True)
        (models / "strange" / "model_index.json").write_text('{"_class_name": "Strange"}')
        spec = studio.spec("boat", name)
        with pytest.raises(EngineError, match=f"'{name}'") as refused:
            asyncio.run(studio.engine.submit(spec))
        assert str(models) not in str(refused.value)
    unnamed = replace(studio.spec("boat", "one"), model=None, catalog_model="sora-2")
    with pytest.raises(EngineError, match="sora-2"):
        asyncio.run(studio.engine.submit(unnamed))


def test_a_missing_model_is_got_where_the_settings_allow_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, models: Path
) -> None:
    name = "owner/wan"
    with fake_hub() as hub:
        hub.repositories[name] = Repository(model_files(WAN, {}))
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        studio = Studio(tmp_path, models)
        with pytest.raises(EngineError, match="is not on this server"):
            asyncio.run(studio.render("boat", name))
        assert not hub.seen
        studio = Studio(tmp_path, models, download_models=True)
        asyncio.run(studio.render("boat", name))
        with pytest.raises(EngineError, match="'owner/none'"):
            asyncio.run(studio.render("boat", "owner/none"))
        studio.close()


def test_as_many_jobs_run_as_there_are_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    def settings(**given: object) -> DiffusersSettings:
        return DiffusersSettings.model_validate({"kind": "diffusers", **given})

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2")
    assert settings().concurrency == 3
    assert settings(concurrency=5).concurrency == 5
    assert settings(devices=["cuda:0", "cuda:1"]).concurrency == 2
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert settings().concurrency == 1
    with pytest.raises(ValueError, match="is no device"):
        settings(devices=["gpu0"])


def test_a_model_s_own_table_goes_before_the_engine_s() -> None:
    settings = DiffusersSettings.model_validate(
        {
            "kind": "diffusers", "steps": 20, "offload": "model", "vae_tiling": False,
            "models": {"a/b": {"steps": 4}},
        }
    )  # fmt: skip
    own, other = settings.load_settings("a/b"), settings.load_settings("c/d")
    assert (own.steps, own.offload, own.vae_tiling) == (4, "model", False)
    assert (other.steps, other.offload) == (20, "model")
