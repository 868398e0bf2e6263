"""Hosts short of memory, without a temporary folder, with a read-only disk; ordinary users.

Jobs wait and go on by themselves. `make chaos` has more jobs and longer trouble.
"""

from __future__ import annotations

import os
import pwd
import resource
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.support import patient
from tests.support.hinode_process import HinodeProcess, hinode, running
from tests.support.persistent import PersistentClient, check_money, until, wait_for_all
from tests.support.pictures import noisy_png

pytestmark = [pytest.mark.full, pytest.mark.chaos]

FULL = os.environ.get("HINODE_CHAOS") == "full"
JOBS, SECONDS, SQUEEZED = (30, 40.0, 12) if FULL else (6, 4.0, 2)
PATIENCE_SECONDS = 300.0
SETTINGS = {"HINODE_ENGINES__PREVIEW__CONCURRENCY": "2"}
ORDINARY = "nobody"


def make(client: PersistentClient) -> set[str]:
    return {client.create(number) for number in range(JOBS)}


def completed(client: PersistentClient) -> int:
    return sum(video["status"] == "completed" for video in client.all())


def wait_for_completed(client: PersistentClient, number: int) -> None:
    until(lambda: completed(client) >= min(number, JOBS), PATIENCE_SECONDS)


def create_with_picture(server: HinodeProcess, key: str) -> httpx.Response:
    """Create a video from a picture, whose upload needs a temporary file."""
    files = {"input_reference": ("fox.png", noisy_png(400, 400))}
    headers = {"authorization": f"Bearer {key}"}
    return patient.post(
        f"{server.address}/v1/videos", data={"prompt": "a fox"}, files=files, headers=headers
    )


# Memory


def memory_of(pid: int) -> int:
    """Return the size of a process's address space."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGESIZE")


@contextmanager
def no_more_memory(pid: int, more: int = 0) -> Iterator[None]:
    """Let the address space of a process, and of those that it starts, not grow any further."""
    before = resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, resource.RLIMIT_AS, (memory_of(pid) + more, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_AS, before)


def test_a_server_without_memory_loses_no_job(database_url: str, tmp_path: Path) -> None:
    server = HinodeProcess(tmp_path / "data", {**SETTINGS, "HINODE_DATABASE": database_url})
    with running(server):
        client = PersistentClient(server.address, server.key, PATIENCE_SECONDS)
        made = make(client)
        until(lambda: completed(client) > 0, PATIENCE_SECONDS)
        with no_more_memory(server.pid):
            statuses = Counter(create_with_picture(server, server.key).status_code for _ in "abcd")
            time.sleep(SECONDS)
        print(f"without memory: {dict(statuses)}")
        assert set(statuses) <= {200, 503}
        made |= {client.create(JOBS)}
        videos = wait_for_all(client)
        client.close()
    jobs = len(videos)
    assert made <= {video["id"] for video in videos}
    assert jobs == len(made) + statuses[200]
    assert Counter(video["status"] for video in videos) == {"completed": jobs}
    check_money(database_url, jobs)


def new_render(server: HinodeProcess, client: PersistentClient, seen: set[int]) -> int | None:
    """Wait for a render process that is not among those seen; None when all jobs have ended."""
    found: list[int] = []

    def begun() -> bool:
        found[:] = sorted(set(server.children()) - seen)
        return bool(found) or completed(client) == JOBS

    until(begun, PATIENCE_SECONDS)
    return found[-1] if found else None


def squeeze(pid: int) -> bool:
    """Leave a process half of its address space; False when it has ended."""
    with suppress(ProcessLookupError, FileNotFoundError):
        limit = memory_of(pid) // 2
        resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
        return True
    return False


def test_renders_without_memory_are_repeated(database_url: str, tmp_path: Path) -> None:
    server = HinodeProcess(tmp_path / "data", {**SETTINGS, "HINODE_DATABASE": database_url})
    with running(server):
        client = PersistentClient(server.address, server.key, PATIENCE_SECONDS)
        made = make(client)
        seen: set[int] = set()
        squeezed = 0
        while squeezed < SQUEEZED and (new := new_render(server, client, seen)) is not None:
            squeezed += squeeze(new)
            # One job is not squeezed again and again, or it is taken for the cause.
            wait_for_completed(client, completed(client) + 2)
            seen |= set(server.children())
        videos = wait_for_all(client)
        client.close()
    assert squeezed
    assert {video["id"] for video in videos} == made
    assert Counter(video["status"] for video in videos) == {"completed": JOBS}
    check_money(database_url, JOBS)


# No folder for temporary files


def opened_by(pid: int) -> set[str]:
    """Return what a process has open; some of it may be closed meanwhile."""
    found = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(os.readlink(file))
    return found


@pytest.mark.parametrize("named", [None, "missing", "unwritable"])
def test_without_a_temporary_folder_uploads_and_renders_work(
    tmp_path: Path, named: str | None
) -> None:
    (tmp_path / "unwritable").write_text("a file is no folder")
    environment = {**SETTINGS, "TMPDIR": str(tmp_path / named) if named else ""}
    server = HinodeProcess(tmp_path / "data", environment)
    with running(server):
        client = PersistentClient(server.address, server.key, PATIENCE_SECONDS)
        assert create_with_picture(server, server.key).status_code == 200
        client.create(0)
        videos = wait_for_all(client)
        client.close()
        assert not any(path.startswith("/tmp/hinode-") for path in opened_by(server.pid))
    assert [video["status"] for video in videos] == ["completed"] * 2
    assert list((server.data / "tmp").iterdir()) == []
    if named:
        assert "TMPDIR cannot be used" in server.log.read_text()


# A data folder that cannot be written


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Mount a folder over itself, without the right to write."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount")
    until(lambda: _mount_read_only(folder), PATIENCE_SECONDS)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _mount_read_only(folder: Path) -> bool:
    """Mount the folder; False when somebody opened a file in between, which keeps it writable."""
    if subprocess.run(["mount", "--bind", folder, folder], check=False).returncode:
        pytest.skip("this system lets root mount nothing")
    if not subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=False).returncode:
        return True
    subprocess.run(["umount", "--lazy", folder], check=True)
    return False


def test_a_server_does_not_start_on_a_read_only_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HINODE_CHAOS", raising=False)  # the command says that it knows no such one
    data = tmp_path / "data"
    with running(HinodeProcess(data)):
        pass
    with read_only(data):
        done = hinode("serve", "--port", "0", "--data", str(data))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("Error: ")
    assert "Give --data a folder that you may write to" in done.stderr


def test_work_goes_on_when_a_read_only_folder_can_be_written_again(
    database_url: str, tmp_path: Path
) -> None:
    server = HinodeProcess(tmp_path / "data", {**SETTINGS, "HINODE_DATABASE": database_url})
    with running(server):
        client = PersistentClient(server.address, server.key, PATIENCE_SECONDS)
        made = make(client)
        until(lambda: completed(client) > 0, PATIENCE_SECONDS)
        with read_only(server.data):
            answer = create_with_picture(server, server.key)
            assert answer.status_code in (503, 507), answer.text
            assert answer.headers["retry-after"]
            assert str(tmp_path) not in answer.text
            time.sleep(SECONDS)
            assert {video["status"] for video in client.all()} <= {
                "queued", "in_progress", "completed",
            }  # fmt: skip
        videos = wait_for_all(client)
        client.close()
    assert {video["id"] for video in videos} == made
    assert Counter(video["status"] for video in videos) == {"completed": JOBS}
    check_money(database_url, JOBS)


# An ordinary user


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of an ordinary user, who may not look into those of pytest."""
    with tempfile.TemporaryDirectory(prefix="hinode-home-") as folder:
        if os.geteuid() == 0:
            user = pwd.getpwnam(ORDINARY)
            os.chown(folder, user.pw_uid, user.pw_gid)
        yield Path(folder)


def without_rights() -> list[str]:
    """Return the command that runs another one as an ordinary user.

    The right to read everything is kept: the interpreter may lie in root's home.
    """
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is missing")
    user, right = pwd.getpwnam(ORDINARY), "+dac_read_search"
    identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    rights = [f"--inh-caps={right}", f"--ambient-caps={right}", f"--bounding-set=-all,{right}"]
    return ["setpriv", *identity, *rights]


def test_an_ordinary_user_can_serve_render_and_ask_the_doctor(home: Path) -> None:
    before, data, film = without_rights(), home / "data", home / "film.mp4"
    server = HinodeProcess(data, SETTINGS, before=before)
    with running(server):
        client = PersistentClient(server.address, server.key, PATIENCE_SECONDS)
        assert create_with_picture(server, server.key).status_code == 200
        client.create(0)
        assert {video["status"] for video in wait_for_all(client)} == {"completed"}
        client.close()
        done = hinode("doctor", "--data", str(data), before=before)
        assert done.returncode == 0, done.stdout + done.stderr
    words = ("generate", "a fox", "--seconds", "4", "--data", str(data))
    made = hinode(*words, "-o", str(film), before=before)
    assert made.returncode == 0, made.stderr
    owners = {path.stat().st_uid for path in (film, *data.rglob("*"))}
    assert owners == {home.stat().st_uid}
