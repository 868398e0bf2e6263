"""The built web app: it is what its sources give, and small enough to be loaded at once."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import brotli
import pytest

from tests.support.sdks import need

ROOT = Path(__file__).parents[2]
DIST = ROOT / "src" / "hinode" / "web" / "dist"
BUDGET = 250_000


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a build; compressed ones as what they hold, which no version of zlib changes."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".gz":
            content = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            found[name] = brotli.decompress(content) if path.suffix == ".br" else content
    return found


@pytest.mark.full
def test_a_rebuild_gives_the_committed_files(tmp_path: Path) -> None:
    need(shutil.which("npm") is not None, "Node", "https://nodejs.org, or `make web`")
    web = tmp_path / "web"
    shutil.copytree(ROOT / "web", web, ignore=shutil.ignore_patterns("node_modules"))
    for command in ("ci --silent --no-audit --no-fund", "run --silent build -- --logLevel error"):
        subprocess.run(["npm", *command.split()], cwd=web, check=True, timeout=300)

    assert contents(tmp_path / "src/hinode/web/dist") == contents(DIST)


def test_what_the_studio_loads_first_is_within_its_budget() -> None:
    page = (DIST / "index.html").read_text()
    first = set(re.findall(r"assets/([\w.-]+\.(?:js|css))", page))
    studio = next(path.name for path in DIST.glob("assets/StudioPage-*.js"))
    texts = [path.name for path in DIST.glob("assets/*.js") if path.name.startswith("common-")]
    loaded = first | imported(studio) | set(texts)

    assert sum((DIST / "assets" / f"{name}.br").stat().st_size for name in loaded) <= BUDGET


def imported(name: str) -> set[str]:
    """A script, its style sheet and what it imports before it runs."""
    text = (DIST / "assets" / name).read_text()
    found = {name} | set(re.findall(r'from"\./([\w.-]+\.js)"', text))
    sheet = re.sub(r"-[\w-]{8}\.js$", "", name)
    return found | {path.name for path in DIST.glob(f"assets/{sheet}-*.css")}


def test_no_lock_file_names_a_registry() -> None:
    lock = (ROOT / "web" / "package-lock.json").read_text()

    assert '"resolved"' not in lock
    assert "registry." not in lock
