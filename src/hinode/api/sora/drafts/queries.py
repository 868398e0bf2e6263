"""What the lists of this part may be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hinode.api.sora.drafts.ids import read_generation_id, read_task_id
from hinode.api.values import integer
from hinode.studio.drafts.types import Place
from hinode.studio.errors import ErrorCode, StudioError

DRAFTS, TASKS, MOST = 15, 20, 100
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
    """Read ``limit`` and ``cursor``. Raises :class:`StudioError` and ``Refusal``."""
    cursor = query.get("cursor") or None
    after = read_generation_id(cursor) if cursor else None
    if cursor and after is None:
        raise _bad("cursor", "'cursor' is the 'cursor' of the page before.")
    return DraftQuery(_limit(query, DRAFTS), after)


def read_task_query(query: Mapping[str, str]) -> TaskQuery:
    """Read ``limit`` and ``before``. Raises :class:`StudioError` and ``Refusal``."""
    edge = query.get("before") or None
    before = read_task_id(edge) if edge else None
    if edge and before is None:
        raise _bad("before", "'before' is the id of a task: the 'last_id' of the page before.")
    return TaskQuery(_limit(query, TASKS), before)


def _limit(query: Mapping[str, str], usual: int) -> int:
    """Pages are no longer than ``MOST``, whatever is asked for: pollers ask for a lot."""
    limit = integer(query, "limit")
    limit = usual if limit is None else limit
    if limit < 1:
        raise _bad("limit", f"'limit' is 1 or more, not {limit}; pages have {MOST} at most.")
    return min(limit, MOST)


def _bad(param: str, message: str) -> StudioError:
    return StudioError(ErrorCode.INVALID_VALUE, message, param=param)
