"""Cursor pagination of the tasks dialect and the admin API: ``limit`` and ``cursor``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import Field

from hinode.api.parsing import DefaultedInteger, Nullable, RequestSchema
from hinode.api.response_schema import ResponseSchema
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page, PageQuery

T = TypeVar("T")


class CursorQuery(RequestSchema):
    """Query of a paginated list: at most ``limit`` items after ``cursor``."""

    limit: DefaultedInteger[Annotated[int, Field(ge=1, le=100)]] = Field(
        default=20, description="Maximum number of items in the page."
    )
    cursor: Nullable[str] = Field(
        default=None, description="`next_cursor` of the previous page; omit it for the first page."
    )

    def page(self, parse_id: Callable[[str], UUID | None]) -> PageQuery:
        """Return the page query. Raises :class:`HinodeError` if ``cursor`` is not a valid id."""
        after = parse_id(self.cursor) if self.cursor else None
        if self.cursor and after is None:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                "'cursor' must be the 'next_cursor' of the previous page.",
                param="cursor",
            )
        return PageQuery(self.limit, after)


def parse_uuid(text: str) -> UUID | None:
    """Parse a UUID in its canonical form, with dashes; None if it is not one."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


class CursorPage(ResponseSchema, Generic[T]):
    """A page of a list."""

    data: list[T] = Field(description="The items of the page.")
    has_more: bool = Field(description="True if there is a next page.")
    next_cursor: str | None = Field(description="`cursor` of the next page; null on the last.")


def render_page(page: Page[T], render: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """Return a page; ``next_cursor`` is the id of its last item, or null on the last page.

    It is the last row that a search has read if the page says that.
    """
    data = [render(one) for one in page.items]
    last = data[-1]["id"] if data and page.has_more else None
    return {
        "data": data,
        "has_more": page.has_more,
        "next_cursor": last if page.next_after is None else str(page.next_after),
    }
