"""What Hinode keeps is private whatever the umask; what is not its own stays as it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hinode.kit.private_files import create_private_file, tighten


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_own_files_and_folders_are_tightened_and_others_are_not(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for name in ("hinode.db", "hinode.db-wal", "jwt.key", "notes.txt"):
        (tmp_path / name).touch(0o666)
    for name in ("objects", "photos"):
        (tmp_path / name).mkdir(0o777)

    with capture_logs() as logs:
        tighten(tmp_path)
        tighten(tmp_path)

    private = ["hinode.db", "hinode.db-wal", "jwt.key"]
    assert {name: mode(tmp_path / name) for name in private} == dict.fromkeys(private, 0o600)
    assert mode(tmp_path / "objects") == 0o700
    assert [mode(tmp_path / name) for name in ("notes.txt", "photos")] == [0o666, 0o777]
    assert mode(tmp_path) == 0o755
    assert [line["names"] for line in logs] == ["hinode.db, hinode.db-wal, jwt.key, objects"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(0o777)
    data = tmp_path / "data"
    data.mkdir()
    (data / "objects").symlink_to(tmp_path / "elsewhere")
    tighten(data)
    assert mode(tmp_path / "elsewhere") == 0o777


def test_a_new_file_is_private_and_an_old_one_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "hinode.db"
    create_private_file(path)
    assert mode(path) == 0o600
    path.write_text("kept")
    create_private_file(path)
    assert path.read_text() == "kept"
