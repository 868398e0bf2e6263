"""Cursor pagination of lists; the cursor is the id of the last item of the previous page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class PageQuery:
    """A request for up to ``limit`` items after the one with the id ``after``; None: the first."""

    limit: int
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, in the order of the list.

    ``next_after`` is the id that the next page comes after if that is not the last item's.
    """

    items: list[T]
    has_more: bool
    next_after: UUID | None = None

    @classmethod
    def first_of(cls, found: Sequence[T], limit: int) -> Page[T]:
        """Return a page of the first ``limit`` items; there is a next page if more were found."""
        return cls(list(found[:limit]), len(found) > limit)

    @classmethod
    def ending_at(cls, items: list[T], next_after: UUID | None) -> Page[T]:
        """Return a page with the id that the next one comes after; None on the last."""
        return cls(items, next_after is not None, next_after)

    def of(self, items: list[U]) -> Page[U]:
        """Return the page with other items, such as views of its own."""
        return Page(items, self.has_more, self.next_after)


def paginate(wanted: PageQuery, read: Callable[[UUID | None, int], list[T]]) -> Page[T]:
    """Return one page of what ``read(after, limit)`` returns.

    One item more than the page holds is read: it sets ``has_more`` without a count query.
    """
    return Page.first_of(read(wanted.after, wanted.limit + 1), wanted.limit)
