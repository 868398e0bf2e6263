"""Only the user of the server can read what Hinode keeps in its data folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import structlog

_FILES = ("hinode.db", "hinode.db-wal", "hinode.db-shm", "server.port", "*.key")
_FOLDERS = ("objects", "work", "workers", "provenance", "tmp")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

log = structlog.get_logger("hinode.start")


def tighten(data: Path) -> None:
    """Take the rights of other users from Hinode's own files and folders; log what was open.

    What is not Hinode's stays as it is, the folder itself included: it may be shared. A folder's
    rights hold for all that is in it. Files of another user are left to them.
    """
    ours = [path for name in (*_FILES, *_FOLDERS) for path in sorted(data.glob(name))]
    opened = [path for path in ours if not path.is_symlink() and _tighten(path)]
    if opened:
        names = ", ".join(path.name for path in opened)
        log.warning("other users could read private files; they no longer can", names=names)


def create_private_file(path: Path) -> None:
    """Create an empty file that only its owner can read, unless the file exists.

    The mode holds whatever the umask, and SQLite gives it to the files that it adds.
    """
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def _tighten(path: Path) -> bool:
    mode = path.stat().st_mode
    if not mode & _OTHERS or path.stat().st_uid != os.getuid():
        return False
    path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
    return True
