"""Settings of engines that render with models on this machine."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from hinode.engines.kinds import KindSettings


class LocalModelSettings(KindSettings):
    """The folder of models of an engine; it may get missing ones while it serves, or not."""

    model_folder: Path | None = Field(
        default=None, description="Folder of models; else that of the setting `model_folder`."
    )
    download_models: bool | None = Field(
        default=None,
        description="Get a missing model when a job needs it; else as `download_models` says.",
    )
