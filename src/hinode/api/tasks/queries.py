"""Reading the query strings of the lists of tasks and of callbacks. All raise ``HinodeError``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from hinode.api.tasks.serializers import STATUSES
from hinode.api.values import integer
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.search import JobQuery
from hinode.core.pagination import PageQuery
from hinode.core.webhooks.types import EVENT_PREFIX
from hinode.kit.ids import unspell

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


def read_callback_id(text: str) -> UUID | None:
    """Read a callback's id, the `webhook-id` of its tries; None when the text is not one."""
    return unspell(EVENT_PREFIX, text)


def read_callback_query(query: Mapping[str, str]) -> PageQuery:
    """Read ``limit`` and ``cursor`` of the list of callbacks."""
    return PageQuery(_limit(query), _cursor(query, read_callback_id))


def read_task_query(query: Mapping[str, str]) -> JobQuery:
    """Read ``limit``, ``cursor``, ``status`` and ``model``, which is not looked up yet."""
    limit, after = _limit(query), _cursor(query, read_task_id)
    status = query.get("status") or None
    if status is not None and status not in STATUS_NAMES:
        offered = ", ".join(STATUS_NAMES)
        raise _bad("status", f"'status' is one of {offered}, not '{status[:40]}'.")
    states = [state for state, name in STATUSES.items() if name == status]
    return JobQuery(limit, after, states, query.get("model") or None)


def _limit(query: Mapping[str, str]) -> int:
    limit = integer(query, "limit")
    limit = DEFAULT if limit is None else limit
    if not 1 <= limit <= MOST:
        raise _bad("limit", f"'limit' is 1 to {MOST}, not {limit}.")
    return limit


def _cursor(query: Mapping[str, str], read: Callable[[str], UUID | None]) -> UUID | None:
    cursor = query.get("cursor") or None
    after = read(cursor) if cursor else None
    if cursor and after is None:
        raise _bad("cursor", "'cursor' is the 'next_cursor' of the page before.")
    return after


def _bad(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
