"""From an exception to a line that tells a person what to do."""

from __future__ import annotations

from pydantic import ValidationError


def explain(error: Exception) -> str | None:
    """Return what to tell the user, or None for what must not happen and needs a traceback."""
    if isinstance(error, ValidationError):
        return _settings(error)
    if isinstance(error, OSError):
        return _system(error)
    return _late(error)


def _late(error: Exception) -> str | None:
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


def _settings(error: ValidationError) -> str:
    lines = ["these settings cannot be used:"]
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"]) or "settings"
        lines.append(f"  {place}: {problem['msg']}")
    lines.append("docs/reference/settings.md lists them all.")
    return "\n".join(lines)


def _system(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{where}."
