"""The engine kind of servers of the task API: its settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.base import Engine
from hinode.engines.hosted.settings import HostedSettings
from hinode.engines.kinds import EngineKind
from hinode.upstream_accounts import AccountPool


class TasksEngineSettings(HostedSettings):
    """An ``[engines.NAME]`` table with ``kind = "tasks"``."""

    kind: Literal["tasks"] = Field(description="`tasks`: a server of the task API.")
    model: str = Field(
        default="sora-2",
        min_length=1,
        description="The upstream's name for models that name no `upstream`.",
    )
    idempotent: bool = Field(
        default=False,
        description="It honours Idempotency-Key, as Hinode does: a create without a response is "
        "retried.",
    )
    accepts_data_urls: bool = Field(
        default=True,
        description="It accepts `data:` URLs as pictures; else no video has a first frame.",
    )


def _create(name: str, settings: TasksEngineSettings, _accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that need no HTTP client.
    from hinode.engines.hosted.engine import HostedEngine
    from hinode.engines.tasks.provider import TasksProvider

    return HostedEngine(name, settings, TasksProvider(settings))


KIND = EngineKind(TasksEngineSettings, _create)
