"""A server gets a model that a job needs: once, with the reason of a failure, until a cancel."""

from __future__ import annotations

import asyncio
import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hinode.core.host_failures import HostFailure, host_failure
from hinode.engines.diffusers.downloads import pull_model
from hinode.engines.diffusers.weights.errors import ModelMissing
from hinode.engines.diffusers.weights.library import list_models, local_model
from tests.support.fake_hub import FakeHub, Repository, fake_hub
from tests.support.open_models import model_files

NAME = "Wan-AI/Wan2.1-T2V-1.3B-Diffusers"
BIG = "transformer/diffusion_pytorch_model.safetensors"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with fake_hub() as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        files = model_files(weights={"transformer": ("BF16", 2_000_000)})
        served.repositories[NAME] = Repository(files)
        yield served


def test_a_missing_model_is_got_once_for_all_jobs(hub: FakeHub, tmp_path: Path) -> None:
    async def both() -> None:
        await asyncio.gather(*(pull_model(NAME, tmp_path) for _ in range(2)))

    asyncio.run(both())

    assert local_model(NAME, tmp_path) == list_models(tmp_path)[0].folder
    assert len(hub.sent(BIG)) == 1


def test_the_reason_of_a_failure_is_told(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories[NAME].gated = True

    with pytest.raises(ModelMissing), capture_logs() as logged:
        asyncio.run(pull_model(NAME, tmp_path))

    assert "is gated: accept its licence" in logged[0]["said"]


@contextmanager
def small_files() -> Iterator[None]:
    """Let processes that are started meanwhile write no file of over a megabyte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_trouble_of_the_host_is_told_as_such(hub: FakeHub, tmp_path: Path) -> None:
    with small_files(), pytest.raises(ModelMissing) as caught:
        asyncio.run(pull_model(NAME, tmp_path))

    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.EFBIG
    assert host_failure(caught.value) is HostFailure.DISK_FULL
    asyncio.run(pull_model(NAME, tmp_path))
    assert local_model(NAME, tmp_path).is_dir()


def test_a_job_that_is_canceled_ends_the_download(hub: FakeHub, tmp_path: Path) -> None:
    async def canceled() -> None:
        task = asyncio.create_task(pull_model(NAME, tmp_path))
        while not hub.sent(BIG):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    hub.holds.add(BIG)
    asyncio.run(canceled())
    hub.holds.clear()

    assert not list_models(tmp_path)[0].manifest.complete
    asyncio.run(pull_model(NAME, tmp_path))
    assert local_model(NAME, tmp_path).is_dir()
