"""Rules of the house that a machine can keep."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import hinode
import hinode.core.characters.tables
import hinode.core.files.tables
import hinode.core.webhooks.tables
import hinode.services
import hinode.workflows.tables
from hinode._version import DISTRIBUTION
from hinode.db.database import Database
from hinode.db.metadata import metadata
from hinode.db.schema import HEAD, REVISIONS, current_revision, upgrade

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted((ROOT / "src" / "hinode").rglob("*.py"))
LONGEST_FILE = 400
SCHEMA = ROOT / "src/hinode/db/migrations/versions"


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_public_door_has_exactly_these_names() -> None:
    assert hinode.__all__ == [
        "Artifact",
        "ArtifactRole",
        "Capabilities",
        "DigitalSourceType",
        "Engine",
        "EngineError",
        "EngineRegistry",
        "ErrorCode",
        "HinodeError",
        "JobService",
        "MediaKind",
        "RenderContext",
        "RenderSpec",
        "Services",
        "Settings",
        "Ticket",
        "__version__",
        "create_app",
        "load_settings",
        "open_services",
    ]
    for name in hinode.__all__:
        assert getattr(hinode, name) is not None


@pytest.mark.parametrize(
    "page", ["settings.md", "cli.md", "openai.md", "tasks.md", "compatibility.md"]
)
def test_reference_pages_say_what_the_code_says(page: str) -> None:
    reference = _load(ROOT / "scripts" / "reference.py")

    written = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")

    assert written == reference.PAGES[page](), "run: .venv/bin/python scripts/reference.py"


def test_the_habits_of_clients_are_held_by_tests_that_exist() -> None:
    habits = _load(ROOT / "scripts" / "reference.py").habits()

    assert all(one["tests"] for one in habits)
    named = [test.split("::") for one in habits for test in one["tests"]]
    gone = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).is_file()
        or f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert gone == []


def test_every_route_of_every_dialect_is_proven_somewhere() -> None:
    reference = _load(ROOT / "scripts" / "reference.py")
    proven = json.loads(reference.RECORD.read_text(encoding="utf-8"))

    holes = [
        route
        for route in reference.routes()
        if not any(status < "400" for status in proven.get(route, {}))
    ]

    assert holes == [], "run: make coverage"
    for by_status in proven.values():
        for proof in by_status.values():
            path, *_, name = proof["test"].split("::")
            assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_migrations_make_the_tables_of_the_code(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'new.db'}")
    upgrade(db)

    with db.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_server_default": True})
        differences = compare_metadata(context, metadata)

    assert differences == []
    assert current_revision(db) == HEAD
    db.dispose()


def test_all_migrations_are_known_in_their_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "src/hinode/db/migrations"))
    found = ScriptDirectory.from_config(config).walk_revisions()

    assert tuple(one.revision for one in reversed(list(found))) == REVISIONS


def test_a_file_says_its_job_and_does_not_grow_without_end() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in SOURCES}
    written = {path: text for path, text in texts.items() if text.strip()}

    assert [path for path, text in written.items() if not ast.get_docstring(ast.parse(text))] == []
    long = [path for path, text in written.items() if text.count("\n") > LONGEST_FILE]
    assert [path for path in long if path.parent != SCHEMA] == []
    assert [path for path, text in written.items() if "TODO" in text or "FIXME" in text] == []


def test_the_changelog_and_both_readmes_know_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"## {hinode.__version__}" in changelog
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "make demo" in text
        assert "make test" in text


def test_clocks_of_tests_begin_where_the_suite_says() -> None:
    """A start of a test's own would hide what depends on the day."""
    support = ROOT / "tests" / "support" / "clock.py"
    own = [path for path in (ROOT / "tests").rglob("*.py") if path not in (support, Path(__file__))]

    assert [str(path) for path in own if "FakeClock(" in path.read_text(encoding="utf-8")] == []


NOT_OURS = re.compile(
    r"(?:pip3?|uv|pipx|uvx|poetry|pdm|conda)\b[^\n`]*?[\s'\"=]hinode(?![\w./-])|\bhinode\[\w"
)
"""Advice to install what package indexes have as ``hinode``: another project."""


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("pip install hinode", True),
        ("pip install --upgrade 'hinode[redis]'", True),
        ("the extra `hinode[redis]`", True),
        ("uv tool install hinode", True),
        ("uvx --from hinode hinode serve", True),
        ("pip install 'hinode-studio[redis]'", False),
        ("pip install hinode-studio", False),
        ("uv pip install -e src/hinode", False),
        ("run `hinode serve`", False),
    ],
)
def test_advice_to_install_a_name_that_is_not_ours_is_found(text: str, refused: bool) -> None:
    assert bool(NOT_OURS.search(text)) is refused


def test_nobody_is_told_to_install_a_name_that_is_not_ours() -> None:
    told = [ROOT / "Makefile", ROOT / "pyproject.toml", *ROOT.glob("*.md"), ROOT / ".ci" / "run"]
    for folder, kinds in (("src", "*.py"), ("docs", "*.md"), ("scripts", "*")):
        told += [path for path in (ROOT / folder).rglob(kinds) if path.suffix != ".pyc"]
    found = [
        f"{path.relative_to(ROOT)}: {hit[0]}"
        for path in told
        if path.is_file()
        for hit in NOT_OURS.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_the_package_has_the_name_that_the_code_tells() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]

    assert project["name"] == DISTRIBUTION
    assert set(project["scripts"]) == {"hinode"}
    assert version(DISTRIBUTION) == hinode.__version__


def test_the_gate_names_paths_and_tests_that_exist() -> None:
    touched = _load(ROOT / ".ci" / "touched.py")
    table = touched.read_table(touched.TABLE.read_text(encoding="utf-8"))

    named = [path for begins, tests in table for path in (begins, *tests)]

    assert [path for path in named if path != "?" and not (ROOT / path).exists()] == []


def test_the_gate_runs_of_the_full_tier_what_a_change_touches() -> None:
    touched = _load(ROOT / ".ci" / "touched.py")
    table = touched.read_table(
        "# why\nsrc/a/ tests/x tests/y\nREADME.md tests/z # why\n? tests/z\n"
    )

    assert touched.tests_for(["src/a/b.py", "docs/c.md"], table) == ["tests/x", "tests/y"]
    assert touched.tests_for(["README.md", "src/a/b.py"], table) == [
        "tests/x",
        "tests/y",
        "tests/z",
    ]
    assert touched.tests_for(["docs/c.md"], table) == []
    assert touched.tests_for([], table) == []
    assert touched.tests_for(None, table) == ["tests/z"]
