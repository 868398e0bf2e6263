"""Settings of engines that render with models on this machine."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, PrivateAttr

from hinode.engines.base import EngineError
from hinode.engines.diffusers.weights.facts import WeightsFile
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.library import local_model
from hinode.engines.kinds import KindSettings
from hinode.open_models.checkpoints import Checkpoint


class LocalModelSettings(KindSettings):
    """The folder of models of an engine; it may get missing ones while it serves, or not."""

    model_folder: Path | None = Field(
        default=None, description="Folder of models; else that of the setting `model_folder`."
    )
    download_models: bool | None = Field(
        default=None,
        description="Get a missing model when a job needs it; else as `download_models` says.",
    )
    _min_free_disk_mb: int | None = PrivateAttr(default=None)

    @property
    def min_free_disk_mb(self) -> int | None:
        """The megabytes that a download leaves free, as the server's settings say."""
        return self._min_free_disk_mb

    def leave_free(self, megabytes: int) -> None:
        """Have downloads leave so much of the disk free."""
        self._min_free_disk_mb = megabytes

    def base_of(self, model: str) -> str:
        """Return the name of the model that a model is read from: its own, or that of its base."""
        return model

    def files_of(self, model: str) -> tuple[WeightsFile, ...]:
        """Return the files that take the place of weights of a model."""
        return ()

    def checkpoint_of(self, upstream: str | None) -> Checkpoint | None:
        """Return the rules of a model by its folder; by its name where it is not on this host.

        So a fine-tune of any name has the rules of its class.
        """
        if not upstream or self.model_folder is None:
            return super().checkpoint_of(upstream)
        try:
            folder = local_model(self.base_of(upstream), self.model_folder)
            return inspect(folder, upstream, self.files_of(upstream)).checkpoint
        except (EngineError, OSError):  # told when a job needs it, and by `hinode model check`
            return super().checkpoint_of(upstream)
