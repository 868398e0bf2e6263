"""Dataclasses as JSON and back, by their annotations.

For messages between processes that run the same code. Fields are of JSON's own
types, ``Path``, ``UUID``, enums, dataclasses, tuples and frozen sets of one type, mappings, and
unions with None.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")


def encode(value: object) -> bytes:
    """Return a dataclass as one line of JSON."""
    return json.dumps(dataclasses.asdict(value), default=_text).encode() + b"\n"  # type: ignore[call-overload]


def decode(kind: type[T], line: bytes) -> T:
    """Return the dataclass of a line.

    Raises ``ValueError``, ``TypeError``, ``KeyError`` or ``AttributeError`` when the line is not
    one of this type.
    """
    return _build(kind, json.loads(line))  # type: ignore[no-any-return]


def _text(value: object) -> str | list[Any]:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Path | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


@cache
def _field_types(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _build(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = next(one for one in get_args(kind) if one is not types.NoneType)
        return None if value is None else _build(inner, value)
    if origin is tuple:
        return tuple(_build(get_args(kind)[0], one) for one in value)
    if origin is frozenset:
        return frozenset(_build(get_args(kind)[0], one) for one in value)
    if origin is Mapping:
        return {name: _build(get_args(kind)[1], one) for name, one in value.items()}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _field_types(kind)
        return kind(**{name: _build(hints[name], one) for name, one in value.items()})
    if isinstance(kind, type) and issubclass(kind, Path | UUID | Enum):
        return kind(value)
    return value
