"""Priorities of jobs, and which ones a caller may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinode.core.auth.types import Priority
from hinode.core.errors import ErrorCode, HinodeError

if TYPE_CHECKING:
    from hinode.core.auth.types import Caller

_ORDER = (Priority.LOW, Priority.NORMAL, Priority.HIGH)


def granted_priority(caller: Caller, requested: Priority | None) -> Priority:
    """Return the priority of a caller's job: the requested one, or the caller's default.

    The default is never above what the key may use. Raises :class:`HinodeError` for a requested
    priority that is.
    """
    most = caller.limits.max_priority
    if requested is None:
        return min(caller.default_priority, most, key=_ORDER.index)
    if _ORDER.index(requested) > _ORDER.index(most):
        allowed = ", ".join(f"'{one}'" for one in _ORDER[: _ORDER.index(most) + 1])
        raise HinodeError(
            ErrorCode.PRIORITY_NOT_ALLOWED,
            f"This API key may not use the priority '{requested}'.",
            param="priority",
            hint=f"Allowed priorities: {allowed}. The operator can raise the key's 'max_priority'.",
        )
    return requested
