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
from tests.support.hinode_process import is_alive
from tests.support.paused_server import Scene, until

pytestmark = [pytest.mark.full, pytest.mark.chaos]

ROOM = "size=64m"
ENVIRONMENT = {"HINODE_MIN_FREE_DISK_MB": "0"}


def mounted(*words: str) -> None:
    """Mount what the words say; skip where root may not."""
    done = subprocess.run(["mount", *words], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")


@pytest.fixture(scope="module")
def scene(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
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
        made = Scene.of(tiny_models, folder, ENVIRONMENT | elsewhere)
        made.server.start()
        made.ended(made.create())
        yield made
        made.close()
    finally:
        subprocess.run(["umount", "--lazy", data], check=True)


@contextmanager
def full(data: Path) -> Iterator[None]:
    """Fill the disk to its last byte."""
    filler = data / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    assert shutil.disk_usage(data).free == 0
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
