"""The checks of `hinode doctor`; each returns its result and a remedy."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from hinode._version import DISTRIBUTION
from hinode.config.settings import Settings

_SUBSEC = (3, 42, 0)
_OLD_SQLITE_PYTHON = (3, 12)


class Grade(Enum):
    """The result of one check."""

    GOOD = 0
    FAIR = 1
    BAD = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result; ``remedy`` is empty where nothing needs mending."""

    what: str
    grade: Grade
    found: str
    remedy: str = ""


_MEND_ENGINES = (
    "Mend [engines.NAME] in hinode.toml; for an installed engine, install its package again."
)
_MEND_FONTS = f"Install the package again: pip install --force-reinstall {DISTRIBUTION}"


def examine(settings: Settings) -> Iterator[Finding]:
    """Make every check in turn; a check that breaks is a bad finding, not a crash."""
    checks: list[tuple[str, Callable[[Settings], Finding], str]] = [
        ("Python", _python, "Install Python 3.11 or newer."),
        ("SQLite", _sqlite, "Use Python 3.11, or a Python with SQLite 3.42 or newer."),
        ("data folder", _folder, "Give --data a folder that you may write to."),
        ("database", _database, "Check --database; for PostgreSQL, that it runs and lets you in."),
        ("object store", _store, "Check the setting 'storage' and its credentials."),
        ("encoders", _encoders, "Install the package again: pip install --force-reinstall av"),
        ("engines", _engines, _MEND_ENGINES),
        ("fonts", _fonts, _MEND_FONTS),
    ]
    for what, check, remedy in checks:
        try:
            yield check(settings)
        except Exception as error:
            yield Finding(what, Grade.BAD, str(error) or type(error).__name__, remedy)


def _python(_settings: Settings) -> Finding:
    return Finding("Python", Grade.GOOD, sys.version.split()[0])


def _sqlite(settings: Settings) -> Finding:
    version = sqlite3.sqlite_version
    old = sqlite3.sqlite_version_info < _SUBSEC and sys.version_info >= _OLD_SQLITE_PYTHON
    if old and settings.database_url.startswith("sqlite"):
        # DBOS asks such Pythons for unixepoch('subsec'), which came with SQLite 3.42.
        return Finding(
            "SQLite",
            Grade.BAD,
            f"{version} is too old for this Python",
            "Use Python 3.11, a Python with SQLite 3.42 or newer, or PostgreSQL (--database).",
        )
    return Finding("SQLite", Grade.GOOD, version)


def _folder(settings: Settings) -> Finding:
    from hinode.components import prepare_folder

    prepare_folder(settings)
    probe = settings.data / ".doctor"
    probe.write_bytes(b"")
    probe.unlink()
    return Finding("data folder", Grade.GOOD, str(settings.data))


def _database(settings: Settings) -> Finding:
    from hinode.components import open_database
    from hinode.db.schema import current

    db = open_database(settings)
    try:
        url = db.url.render_as_string(hide_password=True)
        return Finding("database", Grade.GOOD, f"{url} (schema {current(db)})")
    finally:
        db.dispose()


def _store(settings: Settings) -> Finding:
    from hinode.storage.factory import open_store

    open_store(settings.storage_url).check()
    return Finding("object store", Grade.GOOD, settings.storage_url)


def _encoders(_settings: Settings) -> Finding:
    import av

    missing = [name for name in ("libx264", "aac") if name not in av.codecs_available]
    if missing:
        return Finding(
            "encoders",
            Grade.BAD,
            f"{', '.join(missing)} missing in PyAV {av.__version__}",
            "Install PyAV's own wheel: pip install --force-reinstall --only-binary :all: av",
        )
    return Finding("encoders", Grade.GOOD, f"H.264 and AAC (PyAV {av.__version__})")


def _engines(settings: Settings) -> Finding:
    from hinode.engines.registry import installed_engines

    engines = installed_engines(settings.engines)
    engines.get(settings.engine)
    names = ", ".join(engine.name for engine in engines.all())
    return Finding("engines", Grade.GOOD, names)


def _fonts(_settings: Settings) -> Finding:
    from hinode.engines.preview.drawing.fonts import find_fonts

    fonts = find_fonts()
    if not fonts.covers_cjk:
        return Finding("fonts", Grade.FAIR, f"{fonts.latin}; none for Chinese", fonts.hint)
    return Finding("fonts", Grade.GOOD, f"{fonts.latin}; Chinese: {Path(fonts.cjk or '').name}")
