"""Let DBOS leave at once while the database fails, and its workflows pending.

Its own process resumes a pending workflow that nothing runs, seconds after the database is back
(:mod:`hinode.workflows.running_steps`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from dbos import DBOS

from hinode.core.host_failures import host_failure

P = ParamSpec("P")
R = TypeVar("R")

_CHECKPOINTS = ("check_operation_execution", "record_operation_result", "update_workflow_outcome")


def install(dbos: DBOS) -> None:
    """Change the launched DBOS.

    It would repeat a call that lost its connection with pauses of up to 90 seconds, which go on
    when the database is back and keep a queue's slots meanwhile: its client has an option for
    this, its runtime has not. And it would record a checkpoint that failed as the failure of the
    step, should the database be back a moment later: nothing would run that job any more.
    """
    database = dbos._sys_db
    database._retry_connection_errors = False
    for name in _CHECKPOINTS:
        setattr(database, name, pending_when_host_fails(getattr(database, name)))


def pending_when_host_fails(call: Callable[P, R]) -> Callable[P, R]:
    """Return the call that cancels its workflow, which stays pending, when the host fails."""

    @wraps(call)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except Exception as error:
            if host_failure(error) is None:
                raise
            raise asyncio.CancelledError from error

    return run
