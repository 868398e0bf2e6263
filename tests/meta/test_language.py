"""The code speaks the words of the glossary, and each name means one thing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "hinode").rglob("*.py"))
CODE = [*SOURCES, *sorted((ROOT / "scripts").rglob("*.py"))]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
GLOSSARY = ROOT / "docs" / "glossary.md"
INDIRECT_STARTS = {"What", "Who", "Whose", "How", "Whether", "Where", "Which", "Why", "When"}
OTHERS_NAMES = {"cast", "cast_to"}
"""Of typing and of OpenAI's SDK."""
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@cache
def gone() -> set[str]:
    """The words of the glossary's last table."""
    table = GLOSSARY.read_text(encoding="utf-8").split("## Words that are gone")[1]
    rows = re.findall(r"^\| ([a-z, ]+) \|", table, re.MULTILINE)
    return {word for row in rows[1:] for word in row.split(", ")}


@cache
def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(read(path))


@cache
def nodes(path: Path) -> list[ast.AST]:
    """All nodes of a module's syntax tree."""
    return list(ast.walk(tree(path)))


def offences(
    paths: Iterable[Path], find: Callable[[Path], Collection[str]]
) -> dict[str, Collection[str]]:
    """What a rule finds in files, by their names."""
    return {str(path.relative_to(ROOT)): hits for path in paths if (hits := find(path))}


def names(path: Path) -> Iterator[tuple[str, int]]:
    """Every name that a module defines or uses, with its line, and its own."""
    yield path.stem, 0
    for node in nodes(path):
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


def test_no_name_uses_a_word_that_is_gone() -> None:
    def find(path: Path) -> set[str]:
        return {
            f"{name} (line {line})"
            for name, line in names(path)
            if _words(name) & gone() and name not in OTHERS_NAMES and not is_sentence(name)
        }

    assert offences([*CODE, *TESTS], find) == {}, "docs/glossary.md has the word to use"


def is_sentence(name: str) -> bool:
    """A test's name is English: what was asked for may be asked for there."""
    return name.startswith("test_")


def test_no_module_of_the_tests_is_named_by_a_word_that_is_gone() -> None:
    assert not [path.name for path in TESTS if _words(path.stem) & gone()]


@cache
def _words(name: str) -> set[str]:
    return {part.lower() for part in PARTS.findall(name)}


def test_docstrings_say_what_a_thing_is_or_does() -> None:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

    def find(path: Path) -> list[str]:
        texts = [ast.get_docstring(node) for node in nodes(path) if isinstance(node, kinds)]
        return [
            text.partition("\n")[0] for text in texts if text and text.split()[0] in INDIRECT_STARTS
        ]

    assert offences(SOURCES, find) == {}, "say the fact itself, or begin with a verb"


def test_a_class_name_stands_for_one_thing() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in SOURCES:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


@cache
def class_names() -> set[str]:
    """The names of classes that are no plain word."""
    return {
        node.name
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, ast.ClassDef) and len(PARTS.findall(node.name)) > 1
    }


FOR_AUTHORS = {"EngineKind", "EngineError"}
"""Classes that messages to authors of engines name."""


def test_no_message_names_a_class() -> None:
    named = class_names() - FOR_AUTHORS

    def find(path: Path) -> list[str]:
        return [text for text in messages(path) if set(re.findall(r"[A-Za-z]+", text)) & named]

    assert offences(SOURCES, find) == {}


def messages(path: Path) -> list[str]:
    """The strings of a module that are sentences, without docstrings."""
    docstrings = {id(node.value) for node in nodes(path) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in docstrings and " " in node.value and "\n" not in node.value
    ]


INVENTED = re.compile(
    r"\b(set aside|sets? .{1,20} aside|mends?|mended|mending|well again|resting|rests)\b",
    re.IGNORECASE,
)
"""Phrases of the development versions for cooldown, quarantine and repair."""
PAGES = [*sorted((ROOT / "docs" / "howto").glob("*.md")), *ROOT.glob("README*.md")]


def test_prose_uses_the_words_of_the_field() -> None:
    assert offences([*CODE, *PAGES], lambda path: INVENTED.findall(read(path))) == {}
