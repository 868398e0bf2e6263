"""The code speaks the words of the glossary, and each name means one thing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "hinode").rglob("*.py"))
CODE = [*SOURCES, *sorted((ROOT / "scripts").rglob("*.py"))]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
GLOSSARY = ROOT / "docs" / "glossary.md"
INDIRECT_STARTS = {"What", "Who", "Whose", "How", "Whether", "Where", "Which", "Why", "When"}
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@cache
def gone() -> set[str]:
    """The words of the glossary's last table."""
    table = GLOSSARY.read_text(encoding="utf-8").split("## Words that are gone")[1]
    rows = re.findall(r"^\| ([a-z, ]+) \|", table, re.MULTILINE)
    return {word for row in rows[1:] for word in row.split(", ")}


def names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that a module defines or uses, with its line."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name, line
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name, line
            case ast.AsyncFunctionDef(name=name) | ast.alias(name=name):
                yield name, line
            case ast.keyword(arg=str(name)):
                yield name, line


def test_the_glossary_says_what_is_gone() -> None:
    assert {"backstage", "parcel", "hop"} <= gone()


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_name_uses_a_word_that_is_gone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {
        f"{name} (line {line})"
        for name, line in [*names(tree), (path.stem, 0)]
        if _words(name) & gone()
    }
    assert not found, "docs/glossary.md has the word to use"


def test_no_module_of_the_tests_is_named_by_a_word_that_is_gone() -> None:
    assert not [path.name for path in TESTS if _words(path.stem) & gone()]


def _words(name: str) -> set[str]:
    return {part.lower() for part in PARTS.findall(name)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings_say_what_a_thing_is_or_does(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    indirect = [
        text.partition("\n")[0]
        for node in ast.walk(tree)
        if isinstance(node, kinds)
        and (text := ast.get_docstring(node))
        and text.split()[0] in INDIRECT_STARTS
    ]
    assert not indirect, "say the fact itself, or begin with a verb"


def test_a_class_name_stands_for_one_thing() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in SOURCES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


@cache
def class_names() -> set[str]:
    """The names of classes that are no plain word."""
    return {
        node.name
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and len(PARTS.findall(node.name)) > 1
    }


FOR_AUTHORS = {"EngineKind", "EngineError"}
"""Classes that messages to authors of engines name."""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_message_names_a_class(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    messages = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in docstrings and " " in node.value and "\n" not in node.value
    ]
    named = class_names() - FOR_AUTHORS
    assert [text for text in messages if set(re.findall(r"[A-Za-z]+", text)) & named] == []


INVENTED = re.compile(
    r"\b(set aside|sets? .{1,20} aside|mends?|mended|mending|well again|resting|rests)\b",
    re.IGNORECASE,
)
"""Phrases of the development versions for cooldown, quarantine and repair."""
PAGES = [*sorted((ROOT / "docs" / "howto").glob("*.md")), *ROOT.glob("README*.md")]


@pytest.mark.parametrize("path", [*CODE, *PAGES], ids=lambda path: str(path.relative_to(ROOT)))
def test_prose_uses_the_words_of_the_field(path: Path) -> None:
    assert INVENTED.findall(path.read_text(encoding="utf-8")) == []
