"""From an exception to a line that tells a person what to do."""

from __future__ import annotations

from pydantic import ValidationError


def error_message(error: Exception) -> str | None:
    """Return what to tell the user, or None for what must not happen and needs a traceback."""
    if isinstance(error, ValidationError):
        return _settings_error(error)
    if isinstance(error, OSError):
        return _os_error(error)
    return _library_error(error)


def _library_error(error: Exception) -> str | None:
    # Imported only when something failed: these packages are slow to load.
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    from hinode.core.errors import HinodeError
    from hinode.db.schema import SchemaMismatch
    from hinode.engines.base import EngineError
    from hinode.storage.errors import StorageError

    if isinstance(error, SchemaMismatch):
        return str(error)
    if isinstance(error, DBAPIError):
        return (
            f"the database cannot be used: {str(error.orig).strip()}. "
            "Check --database; `hinode doctor` tells more."
        )
    if isinstance(error, ArgumentError | NoSuchModuleError):
        return f"this is no database URL: {error}. Use sqlite:///… or postgresql://…"
    if isinstance(error, HinodeError | StorageError | EngineError):
        return str(error)
    return None


def _settings_error(error: ValidationError) -> str:
    lines = ["these settings cannot be used:"]
    for problem in error.errors():
        path = ".".join(str(part) for part in problem["loc"]) or "settings"
        lines.append(f"  {path}: {problem['msg']}")
    lines.append("docs/reference/settings.md lists them all.")
    return "\n".join(lines)


def _os_error(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{where}."
