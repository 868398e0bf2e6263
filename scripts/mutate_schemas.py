"""Widen each bound, drop each choice and change each default of the request schemas, one at a time.

Each change must fail a test in ``tests/unit/test_request_schemas_*.py``; those that none notices
are printed, and the exit status is 1. The tests are collected once; each change is made in a child.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from _pytest.runner import runtestprotocol
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import hinode.api
from hinode.api.parsing import LenientRequestSchema, RequestSchema

ROOT = Path(__file__).resolve().parent.parent
Schema = type[RequestSchema]
_WIDER: dict[type, tuple[str, int]] = {
    Ge: ("ge", -1),
    Gt: ("gt", -1),
    Le: ("le", 1),
    Lt: ("lt", 1),
    MinLen: ("min_length", -1),
    MaxLen: ("max_length", 1),
}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of one field, which all schemas that inherit the field get."""

    schema: Schema
    name: str
    change: str
    field: FieldInfo

    def __str__(self) -> str:
        return f"{self.schema.__module__}.{self.schema.__name__}.{self.name}: {self.change}"

    def apply(self, contents: Mapping[Schema, str]) -> None:
        """Change the schemas of this process; the contents tell which are nested in which."""
        original = self.schema.model_fields[self.name]
        changed: list[Schema] = []
        for schema in contents:
            inherited = self.name not in schema.__annotations__ and issubclass(schema, self.schema)
            if schema is self.schema or (inherited and _same(schema, self.name, original)):
                schema.model_fields[self.name] = copy(self.field)
                changed.append(schema)
        affected = [
            one for one, text in contents.items() if any(repr(it) in text for it in changed)
        ]
        # Twice: a schema keeps a copy of those nested in it, which may be rebuilt after it.
        for schema in affected * 2:
            schema.model_rebuild(force=True)


def _same(schema: Schema, name: str, original: FieldInfo) -> bool:
    return repr(schema.model_fields[name]) == repr(original)


def all_schemas() -> list[Schema]:
    """Return every request schema of the API."""
    for module in pkgutil.walk_packages(hinode.api.__path__, "hinode.api."):
        importlib.import_module(module.name)
    found: list[Schema] = []
    waiting: list[Schema] = [RequestSchema]
    while waiting:
        schema = waiting.pop()
        waiting.extend(schema.__subclasses__())
        if schema not in found and schema.__module__.startswith("hinode.api."):
            found.append(schema)
    return found


def mutations(schema: Schema) -> Iterator[Mutation]:
    """Yield the changes of the fields that a schema declares itself."""
    for name, info in schema.model_fields.items():
        if name not in schema.__annotations__:
            continue
        for place, one in enumerate(info.metadata):
            for change, wider in _variants(one):
                # Lenient schemas drop an empty text before this bound can refuse it.
                if change == "min_length 1 widened" and _drops_empty(schema, info):
                    continue
                changed = copy(info)
                changed.metadata = [*info.metadata[:place], wider, *info.metadata[place + 1 :]]
                yield Mutation(schema, name, change, changed)
        for change, annotation in _variants(info.annotation):
            changed = copy(info)
            changed.annotation = annotation
            yield Mutation(schema, name, change, changed)
        if info.default is not PydanticUndefined:
            changed = copy(info)
            changed.default = _other(info.default)
            yield Mutation(schema, name, f"default {info.default!r} changed", changed)


def _drops_empty(schema: Schema, info: FieldInfo) -> bool:
    return issubclass(schema, LenientRequestSchema) and info.annotation in (str, str | None)


def _variants(node: Any) -> Iterator[tuple[str, Any]]:
    """Yield a metadata item or an annotation with one bound widened or one choice dropped."""
    if type(node) in _WIDER:
        attribute, step = _WIDER[type(node)]
        value = getattr(node, attribute)
        if attribute == "min_length" and value == 0:
            return
        wider = value + (timedelta(step) if isinstance(value, date) else step)
        yield f"{attribute} {value} widened", type(node)(wider)
    elif isinstance(node, FieldInfo):
        for place, one in enumerate(node.metadata):
            for change, wider in _variants(one):
                changed = copy(node)
                changed.metadata = [*node.metadata[:place], wider, *node.metadata[place + 1 :]]
                yield change, changed
    elif get_origin(node) is Literal:
        choices = get_args(node)
        for one in choices if len(choices) > 1 else ():
            kept = tuple(other for other in choices if other != one)
            yield f"choice {one!r} dropped", Literal[kept]
    elif get_origin(node) is Annotated:
        inner, *metadata = get_args(node)
        for change, other in _variants(inner):
            yield change, Annotated[(other, *metadata)]
        for place, one in enumerate(metadata):
            for change, wider in _variants(one):
                items = [*metadata[:place], wider, *metadata[place + 1 :]]
                yield change, Annotated[(inner, *items)]
    elif arguments := get_args(node):
        for place, one in enumerate(arguments):
            for change, other in _variants(one):
                yield change, _with(node, (*arguments[:place], other, *arguments[place + 1 :]))


def _with(node: Any, arguments: tuple[Any, ...]) -> Any:
    if not hasattr(node, "copy_with"):  # `X | None`
        union = arguments[0]
        for one in arguments[1:]:
            union = union | one
        return union
    return node.copy_with(arguments)


def _other(default: Any) -> Any:
    if isinstance(default, bool):
        return not default
    if isinstance(default, int | float):
        return default + 1
    return f"{default} changed"


@dataclass(slots=True)
class Mutator:
    """A pytest plugin that runs the collected tests once for each change."""

    survivors: list[str] = field(default_factory=list)
    count: int = 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests without a change, which must pass, then with each."""
        contents = {one: repr(one.__pydantic_core_schema__) for one in all_schemas()}
        if _fails(session.items, lambda: None):
            raise pytest.UsageError("the tests fail without any change")
        for one in (change for schema in contents for change in mutations(schema)):
            self.count += 1
            items = sorted(session.items, key=partial(_far_from, one.schema))
            if not _fails(items, lambda one=one: one.apply(contents)):  # type: ignore[misc]
                self.survivors.append(str(one))
        return True


def _far_from(schema: Schema, item: pytest.Item) -> bool:
    """Return whether a test is of another dialect than the schema, so that it is run later."""
    return item.path.stem.rpartition("_")[2] not in schema.__module__.split(".")


def _fails(items: Sequence[pytest.Item], change: Callable[[], None]) -> bool:
    """Return whether a test fails in a child in which the change was made."""
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status not in (0, 1):
            raise RuntimeError("a change could not be made")
        return status == 1
    status = 2
    try:
        change()
        following = [*items[1:], None]
        status = int(any(map(_failed, items, following)))
    finally:
        os._exit(status)


def _failed(item: pytest.Item, following: pytest.Item | None) -> bool:
    return any(report.failed for report in runtestprotocol(item, nextitem=following, log=False))


def main(tests: Sequence[str]) -> int:
    """Print the changes that no test notices."""
    files = [str(one) for one in sorted(ROOT.glob("tests/unit/test_request_schemas_*.py"))]
    mutator = Mutator()
    options = ["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "--no-header"]
    status = pytest.main([*options, *(tests or files)], plugins=[mutator])
    print(f"{mutator.count} changes, {len(mutator.survivors)} survived")
    print(*mutator.survivors, sep="\n")
    return 1 if mutator.survivors or status not in (0, pytest.ExitCode.NO_TESTS_COLLECTED) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
