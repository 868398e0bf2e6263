"""Pages of lists by ``limit`` and ``cursor``, as the tasks dialect and the admin API have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from hinode.api.parsing import DefaultedInteger, Nullable, RequestSchema
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import PageQuery


class CursorQuery(RequestSchema):
    """A page of a list: at most ``limit`` items after the one that ``cursor`` names."""

    limit: DefaultedInteger[Annotated[int, Field(ge=1, le=100)]] = 20
    cursor: Nullable[str] = None

    def page(self, parse_id: Callable[[str], UUID | None]) -> PageQuery:
        """Return the page for a service. Raises :class:`HinodeError` for a foreign cursor."""
        after = parse_id(self.cursor) if self.cursor else None
        if self.cursor and after is None:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                "'cursor' is the 'next_cursor' of the page before.",
                param="cursor",
            )
        return PageQuery(self.limit, after)


def parse_uuid(text: str) -> UUID | None:
    """Return the UUID that a text spells with dashes, or None."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def render_page(items: Sequence[dict[str, Any]], has_more: bool) -> dict[str, Any]:
    """Return a page; ``next_cursor`` is the id of its last item, or null on the last page."""
    return {
        "data": list(items),
        "has_more": has_more,
        "next_cursor": items[-1]["id"] if items and has_more else None,
    }
