"""Pages of lists: what is on one, and whether there is more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageQuery:
    """So many items after the one with this id; None: from the beginning."""

    limit: int
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in their order."""

    items: list[T]
    has_more: bool


def paginate(wanted: PageQuery, read: Callable[[UUID | None, int], list[T]]) -> Page[T]:
    """Return a page; ``read`` returns so many items after an id, and is asked for one too many."""
    found = read(wanted.after, wanted.limit + 1)
    return Page(found[: wanted.limit], has_more=len(found) > wanted.limit)
