"""Trouble of the host at each phase of an open-weight model's render: the job waits, and goes on.

The data folder, with objects and the files of jobs, is a small file system of its own; the database
lies elsewhere, so that it is the render that meets the trouble.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from hinode.engines.diffusers.process.protocol import Phase
from tests.support.fake_hub import FakeHub, Repository, fake_hub
from tests.support.hinode_process import is_alive
from tests.support.paused_server import Scene, until

pytestmark = [pytest.mark.full, pytest.mark.chaos]

ROOM = "size=64m"
ENVIRONMENT = {"HINODE_MIN_FREE_DISK_MB": "0"}
GOT = "makers/tiny-boats"
GETTING = f"""
[engines.getting]
kind = "diffusers"
devices = "cpu"
python = "{{python}}"
steps = 2
download_models = true

[models.sy_8]
engine = "getting"
upstream = "{GOT}"
seconds = [1]
sizes = ["768x512"]
"""


def mounted(*words: str) -> None:
    """Mount what the words say; skip where root may not."""
    done = subprocess.run(["mount", *words], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")


@pytest.fixture(scope="module")
def hub(tiny_models: Path) -> Iterator[FakeHub]:
    """A hub that has one of the tiny models."""
    folder = tiny_models / "ltx2"
    files = {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file()
    }
    with fake_hub() as served:
        served.repositories[GOT] = Repository(files)
        yield served


@pytest.fixture(scope="module")
def scene(
    tiny_models: Path, hub: FakeHub, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("hosts")
    data = folder / "data"
    data.mkdir()
    mounted("-t", "tmpfs", "-o", ROOM, "tmpfs", str(data))
    try:
        # No folder for temporary files either: neither process may need one.
        elsewhere = {
            "TMPDIR": str(folder / "none"),
            "HINODE_DATABASE": f"sqlite:///{folder / 'hinode.db'}",
        }
        environment = ENVIRONMENT | elsewhere | {"HF_ENDPOINT": hub.url}
        made = Scene.of(tiny_models, folder, environment, GETTING)
        made.server.start()
        made.ended(made.create())
        yield made
        made.close()
    finally:
        subprocess.run(["umount", "--lazy", data], check=True)


@contextmanager
def full(data: Path, leaving: int = 0) -> Iterator[None]:
    """Fill the disk to its last byte, or to some that are left."""
    filler = data / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    os.truncate(filler, filler.stat().st_size - leaving)
    assert shutil.disk_usage(data).free == leaving
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def read_only(data: Path) -> Iterator[None]:
    """Take away the right to write."""
    # Of this place alone: a file system with files open for writing stays writable.
    mounted("--bind", str(data), str(data))
    mounted("-o", "remount,bind,ro", str(data))
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", data], check=True)


def told(scene: Scene) -> int:
    """Return how often the server has told of trouble of its host."""
    log = scene.server.log.read_text()
    return log.count("the host fails")


@pytest.mark.parametrize(
    ("trouble", "phase"),
    [
        (full, Phase.LOADING),
        (full, Phase.DECODING),
        (full, Phase.WRITING),
        (read_only, Phase.WRITING),
    ],
)
def test_a_job_waits_for_the_disk(
    scene: Scene, trouble: Callable[[Path], AbstractContextManager[None]], phase: Phase
) -> None:
    before = scene.counts()
    video, _ = scene.waiting_at(phase)
    known = told(scene)
    with trouble(scene.server.data):
        scene.pauses.release()
        until(lambda: told(scene) > known)
        assert scene.ask("GET", f"/v1/videos/{video}")["status"] in ("queued", "in_progress")
    scene.check_once(video, before)


def test_a_job_waits_for_memory(scene: Scene) -> None:
    before = scene.counts()
    video, pid = scene.waiting_at(Phase.ENCODING)
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    room = pages * os.sysconf("SC_PAGESIZE")
    resource.prlimit(pid, resource.RLIMIT_AS, (room, room))
    scene.pauses.release()
    scene.check_once(video, before)
    assert not is_alive(pid)


def test_a_job_waits_for_the_room_that_its_model_needs(scene: Scene, hub: FakeHub) -> None:
    before, known = scene.counts(), told(scene)
    with full(scene.server.data, leaving=1 << 20):
        video = scene.create(model="sy_8")
        until(lambda: told(scene) > known)
        assert scene.ask("GET", f"/v1/videos/{video}")["status"] in ("queued", "in_progress")
        assert hub.sent("safetensors") == []
    scene.check_once(video, before)
