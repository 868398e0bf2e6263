"""Modules do not import each other in circles, and each is needed by another or by its entry."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "hinode"


def module_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def imports(module: str, *, for_types: bool) -> frozenset[str]:
    """The modules of ours that one imports, late ones too; ``for_types`` adds those for types."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree) if for_types else _executed(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return frozenset(one for one in found if one in MODULES and one != module)


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from _executed(child)


def test_no_module_imports_itself_through_others() -> None:
    """An import in a function may wait for speed's sake; it may not hide a circle."""
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " → ".join((*path[path.index(module) :], module))
        if module in done:
            return
        for other in sorted(imports(module, for_types=False)):
            visit(other, (*path, module))
        done.add(module)

    for module in MODULES:
        visit(module, ())


def test_every_module_is_needed() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entries = [value for group in pyproject["entry-points"].values() for value in group.values()]
    entries += pyproject["scripts"].values()
    used = {entry.partition(":")[0] for entry in entries}
    for module, path in MODULES.items():
        used |= imports(module, for_types=True)
        used |= set(re.findall(r'"(hinode\.[\w.]+)"', path.read_text(encoding="utf-8")))
    unused = {
        module
        for module, path in MODULES.items()
        if module not in used
        and path.stem not in ("__init__", "__main__", "env")
        and not module.startswith(("hinode.testing.", "hinode.db.migrations."))
    }
    assert unused == set()
