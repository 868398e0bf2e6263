"""Error messages of exceptions, each with its remedy."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError

from hinode.config.config_file import InvalidConfigFile
from hinode.config.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

_PREFIX = "HINODE_"
_OTHER_VARIABLES = frozenset({"HINODE_CONFIG", "HINODE_KEY"})
_CHECK_DATABASE = "Check --database; `hinode doctor` tells more."
_FREE_SPACE = "Free some space, or give --data a folder on another disk."
_WRITABLE = "Give --data a folder that you may write to."
_REMEDIES = {
    errno.ENOSPC: _FREE_SPACE,
    errno.EDQUOT: _FREE_SPACE,
    errno.EACCES: _WRITABLE,
    errno.EPERM: _WRITABLE,
    errno.EROFS: _WRITABLE,
    errno.EEXIST: _WRITABLE,
    errno.ENOTDIR: _WRITABLE,
    errno.EMFILE: "Let the process have more open files: ulimit -n 4096.",
}


def error_message(error: Exception) -> str | None:
    """Return the message for the user, or None for a bug, which needs its traceback."""
    if isinstance(error, ValidationError):
        return _settings_error(error)
    if isinstance(error, SettingsError):
        return _variable_error(error)
    if isinstance(error, OSError):
        return _os_error(error)
    return _library_error(error)


def _library_error(error: Exception) -> str | None:
    # Imported only when something failed: these packages are slow to load.
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    from hinode.core.cluster.types import SecretError
    from hinode.core.errors import HinodeError
    from hinode.db.copy import CopyError
    from hinode.db.schema import SchemaMismatch
    from hinode.engines.base import EngineError
    from hinode.engines.comfyui.graph import WorkflowError
    from hinode.kit.key_file import InvalidKeyFile
    from hinode.moderation.plugins import ModeratorMissing
    from hinode.storage.errors import StorageError

    one_line = CopyError | InvalidConfigFile | SchemaMismatch | SecretError | InvalidKeyFile
    if isinstance(error, one_line):
        return str(error)
    if isinstance(error, DBAPIError):
        return _database_error(error)
    if isinstance(error, ArgumentError | NoSuchModuleError):
        return f"this is no database URL: {error}. Use sqlite:///… or postgresql://…"
    shown = HinodeError | StorageError | EngineError | ModeratorMissing | WorkflowError
    if isinstance(error, shown):
        return str(error)
    return None


def _database_error(error: DBAPIError) -> str:
    from hinode.core.host_failures import HostFailure, host_failure

    reason = " ".join(str(error.orig).split())
    remedies = {
        HostFailure.DISK_FULL: _FREE_SPACE,
        HostFailure.DISK: "Check that its disk works, has room, and may be written to.",
    }
    remedy = remedies.get(host_failure(error) or HostFailure.DATABASE)
    return f"the database cannot be used: {reason}. {remedy or _CHECK_DATABASE}"


def _settings_error(error: ValidationError) -> str:
    lines = ["these settings cannot be used:"]
    for problem in error.errors():
        lines.append(f"  {_setting(problem['loc'])}: {_rule(problem)}")
    lines.append("docs/reference/settings.md lists them all.")
    return "\n".join(lines)


def _variable_error(error: SettingsError) -> str:
    """Return the message for a variable that holds no JSON; the library names its setting."""
    named = re.search(r'field "(\w+)"', str(error))
    name = f"{_PREFIX}{named[1].upper()}" if named else "a variable of the environment"
    return (
        f"{name} cannot be read: write a list as a,b or as JSON, a table as JSON. "
        "docs/reference/settings.md lists all settings."
    )


def _setting(location: tuple[int | str, ...]) -> str:
    """Return a setting's path as hinode.toml has it."""
    if location[:1] == ("engines",):
        # The third part is the kind, which chose the schema and is not in the path of the file.
        location = location[:2] + location[3:]
    return ".".join(str(part) for part in location) or "settings"


def _rule(problem: ErrorDetails) -> str:
    if problem["type"] == "missing":
        return "missing, and it has no default"
    if problem["type"] == "extra_forbidden":
        return f"there is no such setting{_nearest(str(problem['loc'][-1]))}"
    if problem["type"] == "union_tag_invalid":
        kinds = str(problem["ctx"]["expected_tags"]).replace("'installed', ", "")
        return f"no engine of kind {problem['ctx']['tag']!r} is installed; there are: {kinds}"
    return problem["msg"].removeprefix("Value error, ")


def _nearest(name: str) -> str:
    found = get_close_matches(name.lower(), Settings.model_fields, n=1)
    return f"; did you mean {found[0]}?" if found else ""


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Return a warning for each variable that looks like a setting's and is none."""
    names = {name.partition("__")[0] for name in environment if name.startswith(_PREFIX)}
    unknown = sorted(
        name
        for name in names - _OTHER_VARIABLES
        if name.removeprefix(_PREFIX).lower() not in Settings.model_fields
    )
    return [
        f"{name} is no setting and has no effect{_nearest(name.removeprefix(_PREFIX))}"
        for name in unknown
    ]


def _os_error(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    remedy = _REMEDIES.get(error.errno or 0, "")
    return f"{error.strerror or error}{where}. {remedy}".strip()
