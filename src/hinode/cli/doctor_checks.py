"""The checks of `hinode doctor`; each returns its result and a remedy."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from hinode._version import DISTRIBUTION
from hinode.cli.check_result import CheckResult, CheckStatus
from hinode.cli.comfyui import check_engines, comfyui_engines
from hinode.cli.error_messages import error_message
from hinode.cli.moderation_check import MODERATION_REMEDY, check_moderation
from hinode.cli.open_models_check import OPEN_MODELS_REMEDY, check_open_models
from hinode.cli.proxy_check import check_proxies
from hinode.config.settings import Settings
from hinode.kit.redaction import redact

_SQLITE_WITH_SUBSEC = (3, 42, 0)
_OLD_SQLITE_PYTHON = (3, 12)


_ENGINES_REMEDY = (
    "Correct [engines.NAME] in hinode.toml; for an installed engine, install its package again."
)
_MISSING_REMEDY = (
    "Install the engine's package or add its [engines.NAME] table; or run a worker that has it on "
    "another machine."
)
_SHARED_REMEDY = "Remove them here, or run `hinode config publish` to give them to all hosts."
_FONTS_REMEDY = f"Install the package again: pip install --force-reinstall {DISTRIBUTION}"


def run_checks(settings: Settings) -> Iterator[CheckResult]:
    """Run all checks; a check that raises is a failed check, not a crash."""
    checks: list[tuple[str, Callable[[Settings], CheckResult], str]] = [
        ("Python", _python, "Install Python 3.11 or newer."),
        ("SQLite", _sqlite, "Use Python 3.11, or a Python with SQLite 3.42 or newer."),
        ("data folder", _folder, "Give --data a folder that you may write to."),
        (
            "database",
            _database,
            "Check --database; for PostgreSQL, that it runs and accepts the password.",
        ),
        ("clock", _clock, "Check --database: the time is stored there."),
        ("shared settings", _shared, "Check --database: they are stored there."),
        ("object store", _store, "Check the setting 'storage' and its credentials."),
        ("encoders", _encoders, "Install the package again: pip install --force-reinstall av"),
        ("engines", _engines, _ENGINES_REMEDY),
        ("proxies", check_proxies, "Correct the setting `proxy`."),
        ("fonts", _fonts, _FONTS_REMEDY),
        ("open-weight models", check_open_models, OPEN_MODELS_REMEDY),
        ("moderation", check_moderation, MODERATION_REMEDY),
    ]
    if comfyui_engines(settings):
        checks.append(("ComfyUI", _comfyui, "Run `hinode comfyui check`."))
    for name, check, remedy in checks:
        try:
            yield check(settings)
        except Exception as error:
            detail = error_message(error) or str(error) or type(error).__name__
            # An error that knows its own remedy knows better than the check.
            known = getattr(error, "hint", None)
            yield CheckResult(name, CheckStatus.ERROR, detail, known or remedy)


def _python(_settings: Settings) -> CheckResult:
    return CheckResult("Python", CheckStatus.OK, sys.version.split()[0])


def _sqlite(settings: Settings) -> CheckResult:
    version = sqlite3.sqlite_version
    old = (
        sqlite3.sqlite_version_info < _SQLITE_WITH_SUBSEC and sys.version_info >= _OLD_SQLITE_PYTHON
    )
    if old and settings.database_url.startswith("sqlite"):
        # On such Pythons DBOS uses unixepoch('subsec'), which came with SQLite 3.42.
        return CheckResult(
            "SQLite",
            CheckStatus.ERROR,
            f"{version} is too old for this Python",
            "Use Python 3.11, a Python with SQLite 3.42 or newer, or PostgreSQL (--database).",
        )
    return CheckResult("SQLite", CheckStatus.OK, version)


def _folder(settings: Settings) -> CheckResult:
    from hinode.components import prepare_folder

    prepare_folder(settings)
    probe = settings.data / ".doctor"
    probe.write_bytes(b"")
    probe.unlink()
    free = shutil.disk_usage(settings.data).free // 1_000_000
    detail = f"{settings.data} ({free:,} MB free)"
    if free < settings.min_free_disk_mb:
        remedy = f"Free some space, or lower min_free_disk_mb ({settings.min_free_disk_mb:,})."
        detail += ", too few for workers to start a job"
        return CheckResult("data folder", CheckStatus.WARNING, detail, remedy)
    return CheckResult("data folder", CheckStatus.OK, detail)


def _database(settings: Settings) -> CheckResult:
    from hinode.components import opened_database
    from hinode.db.schema import current_revision

    with opened_database(settings) as db:
        url = db.url.render_as_string(hide_password=True)
        return CheckResult("database", CheckStatus.OK, f"{url} (schema {current_revision(db)})")


def _clock(settings: Settings) -> CheckResult:
    from hinode.components import opened_database
    from hinode.core.timekeeping.service import ClockService
    from hinode.core.timekeeping.types import REMEDY
    from hinode.kit.clock import SystemClock

    with opened_database(settings) as db:
        found = ClockService(db, SystemClock()).status()
    if found.doubt is None:
        return CheckResult("clock", CheckStatus.OK, found.explanation)
    detail = f"{found.explanation}; workers end and remove nothing by its age"
    return CheckResult("clock", CheckStatus.WARNING, detail, REMEDY)


def _shared(settings: Settings) -> CheckResult:
    from hinode.components import opened_database
    from hinode.config.shared import differences, from_document
    from hinode.core.cluster.published_settings import PublishedSettings
    from hinode.kit.clock import SystemClock

    with opened_database(settings) as db:
        found = PublishedSettings(db, SystemClock()).read()
    if found is None:
        return CheckResult("shared settings", CheckStatus.OK, "each host has its own")
    detail = f"published by {found.host} at {found.published_at:%Y-%m-%d %H:%M} UTC"
    other = differences(settings, from_document(found.document))
    if not other:
        return CheckResult("shared settings", CheckStatus.OK, detail)
    detail += f"; this host's {', '.join(other)} differ and have no effect"
    return CheckResult("shared settings", CheckStatus.WARNING, detail, _SHARED_REMEDY)


def _store(settings: Settings) -> CheckResult:
    from hinode.storage.factory import open_store

    open_store(settings.storage_url).check()
    return CheckResult("object store", CheckStatus.OK, redact(settings.storage_url))


def _encoders(_settings: Settings) -> CheckResult:
    import av

    missing = [name for name in ("libx264", "aac") if name not in av.codecs_available]
    if missing:
        return CheckResult(
            "encoders",
            CheckStatus.ERROR,
            f"{', '.join(missing)} missing in PyAV {av.__version__}",
            "Install PyAV's own wheel: pip install --force-reinstall --only-binary :all: av",
        )
    return CheckResult("encoders", CheckStatus.OK, f"H.264 and AAC (PyAV {av.__version__})")


def _engines(settings: Settings) -> CheckResult:
    from hinode.components import build_catalog, models_without_engine
    from hinode.engines.registry import installed_engines

    engines = installed_engines(settings.engine_tables)
    engines.get(settings.engine)
    names = [engine.name for engine in engines.all()]
    known = {*names, *_offered_elsewhere(settings)}
    missing = models_without_engine(build_catalog(settings), known)
    if missing:
        detail = "; ".join(
            f"{name} is not installed here ({one[0]} …)" for name, one in missing.items()
        )
        return CheckResult("engines", CheckStatus.WARNING, detail, _MISSING_REMEDY)
    return CheckResult("engines", CheckStatus.OK, ", ".join(names))


def _offered_elsewhere(settings: Settings) -> list[str]:
    """Return the engines that living workers offer; none when the database does not tell."""
    from hinode.components import opened_database
    from hinode.core.engines import repository
    from hinode.kit.clock import SystemClock

    oldest = SystemClock().now() - timedelta(minutes=settings.engine_absence_minutes or 10)
    try:
        with opened_database(settings) as db, db.read() as conn:
            return [name for name, at in repository.offers(conn).items() if at >= oldest]
    except Exception:  # the check of the database tells of it
        return []


def _comfyui(settings: Settings) -> CheckResult:
    reports = asyncio.run(check_engines(comfyui_engines(settings)))
    remedy = "`hinode comfyui check` tells all of it."
    bad = [one for one in reports if not one.is_usable]
    if bad:
        first = next(one for one in bad[0].findings if one.is_error)
        place = f"{bad[0].engine} {first.workflow}".strip()
        return CheckResult("ComfyUI", CheckStatus.ERROR, f"{place}: {first.message}", remedy)
    found = ", ".join(f"{one.engine} ({one.version})" for one in reports)
    if any(one.findings for one in reports):
        return CheckResult("ComfyUI", CheckStatus.WARNING, f"{found}, with notes", remedy)
    return CheckResult("ComfyUI", CheckStatus.OK, found)


def _fonts(_settings: Settings) -> CheckResult:
    from hinode.engines.preview.drawing.fonts import find_fonts

    fonts = find_fonts()
    if not fonts.covers_cjk:
        return CheckResult(
            "fonts", CheckStatus.WARNING, f"{fonts.latin}; none for Chinese", fonts.hint
        )
    return CheckResult(
        "fonts", CheckStatus.OK, f"{fonts.latin}; Chinese: {Path(fonts.cjk or '').name}"
    )
