"""Settings of the engine kind of fal's queue."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.hosted.settings import ExperimentalSettings


class FalSettings(ExperimentalSettings):
    """An ``[engines.NAME]`` table with ``kind = "fal"``."""

    kind: Literal["fal"] = Field(description="`fal`: the queue of fal, for any of its models.")
    url: str = Field(default="https://queue.fal.run", description="Base URL of fal's queue.")
    key_env: str = Field(default="FAL_KEY", description="Environment variable that holds the key.")
    duration_as: Literal["text", "number", "suffixed"] = Field(
        default="text",
        description='How the models there take a length: `text` ("8"), `number` (8) or `suffixed` '
        '("8s"); the page of a model says it.',
    )
