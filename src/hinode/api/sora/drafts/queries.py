"""What the lists of this part may be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hinode.api.sora.drafts.ids import read_generation_id, read_task_id
from hinode.api.values import integer
from hinode.core.drafts.types import Place
from hinode.core.errors import ErrorCode, HinodeError

DEFAULT_DRAFT_LIMIT, DEFAULT_TASK_LIMIT, MAX_LIMIT = 15, 20, 100
"""How many are listed when a client does not say, and at most."""


@dataclass(frozen=True, slots=True)
class DraftQuery:
    """A page of drafts; ``after`` is the last one of the page before."""

    limit: int
    after: Place | None


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """A page of tasks; ``before`` is the last one of the page before."""

    limit: int
    before: UUID | None


def read_draft_query(query: Mapping[str, str]) -> DraftQuery:
    """Read ``limit`` and ``cursor``. Raises :class:`HinodeError` and ``RequestError``."""
    cursor = query.get("cursor") or None
    after = read_generation_id(cursor) if cursor else None
    if cursor and after is None:
        raise _invalid("cursor", "'cursor' is the 'cursor' of the page before.")
    return DraftQuery(_limit(query, DEFAULT_DRAFT_LIMIT), after)


def read_task_query(query: Mapping[str, str]) -> TaskQuery:
    """Read ``limit`` and ``before``. Raises :class:`HinodeError` and ``RequestError``."""
    before_id = query.get("before") or None
    before = read_task_id(before_id) if before_id else None
    if before_id and before is None:
        raise _invalid("before", "'before' is the id of a task: the 'last_id' of the page before.")
    return TaskQuery(_limit(query, DEFAULT_TASK_LIMIT), before)


def _limit(query: Mapping[str, str], default: int) -> int:
    """Pages are no longer than ``MAX_LIMIT``, whatever is asked for: pollers ask for a lot."""
    limit = integer(query, "limit")
    limit = default if limit is None else limit
    if limit < 1:
        raise _invalid(
            "limit", f"'limit' is 1 or more, not {limit}; pages have {MAX_LIMIT} at most."
        )
    return min(limit, MAX_LIMIT)


def _invalid(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
