"""Reading the query string of the task list. All raise ``StudioError``."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from hinode.api.tasks.translate import STATUSES
from hinode.api.values import integer
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs.search import JobQuery

MOST = 100
DEFAULT = 20
STATUS_NAMES = tuple(dict.fromkeys(STATUSES.values()))


def read_task_id(text: str) -> UUID | None:
    """Read a task's id; None when the text is not one."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def read_task_query(query: Mapping[str, str]) -> JobQuery:
    """Read ``limit``, ``cursor``, ``status`` and ``model``, which is not looked up yet."""
    limit = integer(query, "limit")
    limit = DEFAULT if limit is None else limit
    if not 1 <= limit <= MOST:
        raise _bad("limit", f"'limit' is 1 to {MOST}, not {limit}.")
    cursor = query.get("cursor") or None
    after = read_task_id(cursor) if cursor else None
    if cursor and after is None:
        raise _bad("cursor", "'cursor' is the 'next_cursor' of the page before.")
    status = query.get("status") or None
    if status is not None and status not in STATUS_NAMES:
        offered = ", ".join(STATUS_NAMES)
        raise _bad("status", f"'status' is one of {offered}, not '{status[:40]}'.")
    states = [state for state, name in STATUSES.items() if name == status]
    return JobQuery(limit, after, states, query.get("model") or None)


def _bad(param: str, message: str) -> StudioError:
    return StudioError(ErrorCode.INVALID_VALUE, message, param=param)
