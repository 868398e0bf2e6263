"""Settings of the engine kind of servers of the task API."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.hosted.settings import HostedSettings


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
