"""The folder of temporary files, and the removal of what killed processes left there."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

import structlog

STALE_SECONDS = 2 * 24 * 3600.0
"""Age of files that no living process still uses."""

log = structlog.get_logger("hinode.start")


def use_temporary_folder(folder: Path) -> None:
    """Let this process and its children keep temporary files in a folder, which is created.

    A usable TMPDIR of the environment is preferred. The system's own folder is not used: it may be
    missing, full or held in memory.
    """
    named = os.environ.get("TMPDIR")
    if named and _is_usable(Path(named)):
        return
    if named:
        log.warning("TMPDIR cannot be used", folder=named, instead=str(folder))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = str(folder)


def remove_stale(folder: Path) -> int:
    """Remove what nobody wrote for two days from a folder, if there is one. Return how many."""
    before = time.time() - STALE_SECONDS
    entries = list(folder.iterdir()) if folder.is_dir() else []
    stale = [entry for entry in entries if _written_at(entry) < before]
    for entry in stale:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
    return len(stale)


def _written_at(entry: Path) -> float:
    try:
        return entry.lstat().st_mtime
    except FileNotFoundError:  # its process has just removed it
        return float("inf")


def _is_usable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            return bool(file.write(b"1"))
    except OSError:
        return False
