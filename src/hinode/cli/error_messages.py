"""From an exception to a line that tells a person what to do."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from pydantic import ValidationError

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

_CHECK_DATABASE = "Check --database; `hinode doctor` tells more."
_WRITABLE = "Give --data a folder that you may write to."
_REMEDIES = {
    errno.ENOSPC: "Free some space, or give --data a folder on another disk.",
    errno.EDQUOT: "Free some space, or give --data a folder on another disk.",
    errno.EACCES: _WRITABLE,
    errno.EPERM: _WRITABLE,
    errno.EROFS: _WRITABLE,
    errno.EEXIST: _WRITABLE,
    errno.ENOTDIR: _WRITABLE,
    errno.EMFILE: "Let the process have more open files: ulimit -n 4096.",
}


def error_message(error: Exception) -> str | None:
    """Return what to tell the user, or None for what must not happen and needs a traceback."""
    if isinstance(error, ValidationError):
        return _settings_error(error)
    if isinstance(error, OSError):
        return _os_error(error)
    return _library_error(error)


def _library_error(error: Exception) -> str | None:
    # Imported only when something failed: these packages are slow to load.
    from tomllib import TOMLDecodeError

    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    from hinode.core.errors import HinodeError
    from hinode.db.schema import SchemaMismatch
    from hinode.engines.base import EngineError
    from hinode.kit.key_file import InvalidKeyFile
    from hinode.storage.errors import StorageError

    if isinstance(error, SchemaMismatch | InvalidKeyFile):
        return str(error)
    if isinstance(error, DBAPIError):
        return _database_error(error)
    if isinstance(error, TOMLDecodeError):
        return f"hinode.toml is no TOML: {error}. Correct the line, or remove the file."
    if isinstance(error, ArgumentError | NoSuchModuleError):
        return f"this is no database URL: {error}. Use sqlite:///… or postgresql://…"
    if isinstance(error, HinodeError | StorageError | EngineError):
        return str(error)
    return None


def _database_error(error: DBAPIError) -> str:
    from hinode.core.host_failures import HostFailure, host_failure

    reason = " ".join(str(error.orig).split())
    remedies = {
        HostFailure.DISK_FULL: "Free some space, or give --data a folder on another disk.",
        HostFailure.DISK: "Check that its disk works, has room, and may be written to.",
    }
    remedy = remedies.get(host_failure(error) or HostFailure.DATABASE)
    return f"the database cannot be used: {reason}. {remedy or _CHECK_DATABASE}"


def _settings_error(error: ValidationError) -> str:
    lines = ["these settings cannot be used:"]
    for problem in error.errors():
        path = ".".join(str(part) for part in problem["loc"]) or "settings"
        lines.append(f"  {path}: {problem['msg']}")
    lines.append("docs/reference/settings.md lists them all.")
    return "\n".join(lines)


def _os_error(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    remedy = _REMEDIES.get(error.errno or 0, "")
    return f"{error.strerror or error}{where}. {remedy}".strip()
