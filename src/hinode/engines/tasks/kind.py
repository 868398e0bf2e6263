"""The engine kind of servers of the task API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinode.engines.hosted.kind import provider_kind
from hinode.engines.tasks.settings import TasksEngineSettings

if TYPE_CHECKING:
    from hinode.engines.tasks.provider import TasksProvider


def _load() -> type[TasksProvider]:
    from hinode.engines.tasks.provider import TasksProvider

    return TasksProvider


KIND = provider_kind(TasksEngineSettings, _load, untried=False)
