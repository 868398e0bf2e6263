"""Cursor pagination of the tasks dialect and the admin API: ``limit`` and ``cursor``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from hinode.api.parsing import DefaultedInteger, Nullable, RequestSchema
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import PageQuery


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


def render_page(
    items: Sequence[dict[str, Any]], has_more: bool, next_after: UUID | None = None
) -> dict[str, Any]:
    """Return a page; ``next_cursor`` is the id of its last item, or null on the last page.

    With ``next_after`` it is that: the last row that a search has read.
    """
    last = items[-1]["id"] if items and has_more else None
    return {
        "data": list(items),
        "has_more": has_more,
        "next_cursor": last if next_after is None else str(next_after),
    }
