"""Changed copies of frozen dataclasses."""

from __future__ import annotations

from dataclasses import Field, replace
from typing import Any, ClassVar, Protocol, TypeVar


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


T = TypeVar("T", bound=_Dataclass)


def with_changes(value: T, **changes: Any) -> T:
    """Return a copy with these changes; the value itself if its fields are the same objects.

    A copy of a wide dataclass takes as long as a small query, and most requests change nothing.
    """
    for name, one in changes.items():
        if getattr(value, name) is not one:
            return replace(value, **changes)
    return value
