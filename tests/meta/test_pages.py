"""What pages tell people to type exists: commands, options, settings, names, links."""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

import hinode
from hinode import Engine, MediaKind, RenderContext, RenderSpec, load_settings
from hinode.cli.main import app
from hinode.engines.remote.errors import FailureKind
from hinode.kit.ids import new_id

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / name for name in ("README.md", "README.zh-CN.md", "AGENTS.md", "CONTRIBUTING.md")),
]
FENCES = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"(?<![\w/.-])(?:\.venv/bin/)?hinode((?: [\w./…-]+| \"[^\"]*\")+)")
LINKS = re.compile(r"\]\(([^)\s]+)\)")
NAMES = re.compile(r"`([a-z]+(?:_[a-z]+)+)`")
LET_PASS = {"reroll_target_id"}
"""Fields of clients that no code reads, as the pages say."""

OTHERS = {
    "docs/howto/write-an-engine.md": "its kind is installed by tests/integration",
}
"""Pages whose settings need more than what is installed here."""

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def typed(text: str) -> Iterator[list[str]]:
    """The words after `hinode` in a page's shell blocks and in its code within sentences."""
    blocks = [body for language, body in FENCES.findall(text) if language in ("", "bash", "sh")]
    spans = re.findall(r"`([^`\n]+)`", FENCES.sub("", text))
    for code in [*blocks, *spans]:
        for line in code.replace("\\\n", " ").splitlines():
            for found in COMMANDS.finditer(re.sub(r"\s+#.*| {2,}.*", "", line.strip())):
                yield re.sub(r'"[^"]*"', "TEXT", found[1]).split()


@by_page
def test_commands_and_their_options_exist(page: Path) -> None:
    assert [words for words in typed(read(page)) if not _exists(words)] == []


@cache
def root_command() -> Any:
    return typer.main.get_command(app)


def _exists(words: list[str]) -> bool:
    command: Any = root_command()
    rest = list(words)
    while rest and hasattr(command, "commands"):
        if rest[0].isupper():
            return True
        if rest[0] not in command.commands:
            return rest[0].startswith("-") and _has(command, rest)
        command = command.commands[rest.pop(0)]
    return _has(command, rest)


def _has(command: Any, words: list[str]) -> bool:
    options = {"--help"} | {
        name for one in command.params for name in (*one.opts, *one.secondary_opts)
    }
    return all(word in options for word in words if re.match(r"--?[a-z]", word))


@by_page
def test_settings_load(page: Path, tmp_path: Path) -> None:
    if str(page.relative_to(ROOT)) in OTHERS:
        pytest.skip(OTHERS[str(page.relative_to(ROOT))])
    merged: dict[str, Any] = {}
    for language, body in FENCES.findall(read(page)):
        if language == "toml":
            _merge(merged, tomllib.loads(body))
    load_settings(data=tmp_path, **merged)


def _merge(into: dict[str, Any], given: dict[str, Any]) -> None:
    for name, value in given.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value


@by_page
def test_names_of_settings_fields_and_codes_are_in_the_code(page: Path) -> None:
    if page.parent.name == "decisions":
        pytest.skip("it tells of what was")
    assert sorted({name for name in NAMES.findall(read(page)) if name not in code_names()}) == []


@cache
def code_names() -> frozenset[str]:
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")]
    words = re.compile(r"[a-z]+(?:_[a-z]+)+")
    found = {name for path in files for name in words.findall(read(path))}
    return frozenset(found | {kind.code for kind in FailureKind} | LET_PASS)


@by_page
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in LINKS.findall(_prose(read(page))) if not _leads(page, link)] == []


def _prose(text: str) -> str:
    """Return a page without its code, in which brackets are no links."""
    return re.sub(r"`[^`\n]+`(?!\])", "", FENCES.sub("", text))


def _leads(page: Path, link: str) -> bool:
    if re.match(r"https?://|mailto:", link):
        return True
    path, _, anchor = link.partition("#")
    target = page if not path else (page.parent / path).resolve()
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", read(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_a_command_that_does_not_exist_is_found() -> None:
    assert [
        words for words in typed("`hinode sing` and `hinode serve --loud`") if not _exists(words)
    ]
    assert all(map(_exists, typed('`hinode generate "a fox" -o fox.mp4 --n 2`')))


MAP = read(ROOT / "AGENTS.md")
MAPPED = ("", "api", "core", "engines")


def test_the_map_names_files_that_exist() -> None:
    files = set(re.findall(r"`((?:\w+/)+\w+\.(?:py|json|md))`", MAP))
    places = (ROOT / "src" / "hinode", ROOT)

    assert len(files) > 40
    assert [one for one in sorted(files) if not any((at / one).exists() for at in places)] == []


@pytest.mark.parametrize("folder", MAPPED)
def test_the_map_names_every_package(folder: str) -> None:
    packages = [one.parent.name for one in (ROOT / "src/hinode" / folder).glob("*/__init__.py")]

    assert len(packages) > 4
    assert [one for one in packages if not re.search(rf"\b{one}\b", MAP)] == []


def test_the_maps_engine_renders(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(class MyEngine.*?)```", MAP, re.DOTALL)

    async def start(_spec: RenderSpec) -> str:
        return "job-1"

    async def fetch(job: str, folder: Path, report: Callable[[float], None]) -> Path:
        report(100.0)
        return folder / job

    public = {one: getattr(hinode, one) for one in hinode.__all__}
    names: dict[str, Any] = {**public, "start": start, "fetch": fetch}
    exec(code, names)
    engine: Engine = names["MyEngine"]()
    spec = RenderSpec(new_id(), MediaKind.VIDEO, "a fox", 640, 352, 16, 48, 7, 1)
    context = RenderContext(spec, tmp_path, lambda _: None)
    (made,) = asyncio.run(engine.collect(asyncio.run(engine.submit(spec)), context))

    assert isinstance(engine, Engine)
    assert engine.capabilities().origin is hinode.DigitalSourceType.TRAINED
    assert (made.path, made.frames) == (tmp_path / "job-1", 48)
