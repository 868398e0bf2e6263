"""Temporary files lie in a folder that can be written, and old ones are removed."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest

from hinode.kit.temporary_files import STALE_SECONDS, remove_stale, use_temporary_folder


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    # Set before it is deleted, so that it is put back when the test has ended.
    monkeypatch.setenv("TMPDIR", "")
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_the_given_folder_is_used_and_private(tmp_path: Path) -> None:
    use_temporary_folder(tmp_path / "tmp")
    assert Path(tempfile.gettempdir()) == tmp_path / "tmp"
    assert os.environ["TMPDIR"] == str(tmp_path / "tmp")
    assert (tmp_path / "tmp").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("usable", "used"), [(True, "named"), (False, "tmp")])
def test_a_folder_that_is_named_is_preferred_if_it_can_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usable: bool, used: str
) -> None:
    if usable:
        (tmp_path / "named").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "named"))
    use_temporary_folder(tmp_path / "tmp")
    assert Path(tempfile.gettempdir()) == tmp_path / used


def test_what_is_old_is_removed(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / f"{name}.file").touch()
        (tmp_path / name).mkdir()
        (tmp_path / name / "inside").touch()
    old = time.time() - STALE_SECONDS - 60
    for path in tmp_path.glob("old*"):
        os.utime(path, (old, old))
    assert remove_stale(tmp_path) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"new", "new.file"}
    assert remove_stale(tmp_path / "missing") == 0
