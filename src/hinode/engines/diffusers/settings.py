"""Settings of the engine kind of open-weight models in our own processes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hinode.engines.diffusers.devices import devices_of, is_device
from hinode.engines.diffusers.load_settings import (
    GGUF,
    GGUF_REMEDY,
    LoadSettings,
    ModelLoadSettings,
)
from hinode.engines.diffusers.weights.facts import WeightsFile
from hinode.engines.diffusers.weights.load_options import refusal
from hinode.engines.diffusers.weights.settings import LocalModelSettings


def _check_device(name: str) -> str:
    if not is_device(name):
        raise ValueError(f"'{name}' is no device: write cpu, mps, or cuda:0, cuda:1 …")
    return name


def _is_file_name(name: str) -> bool:
    return name.startswith(("/", ".", "~")) and Path(name).suffix in (".safetensors", f".{GGUF}")


DeviceName = Annotated[str, AfterValidator(_check_device)]


class DiffusersSettings(LocalModelSettings, LoadSettings):
    """An ``[engines.NAME]`` table with ``kind = "diffusers"``."""

    kind: Literal["diffusers"] = Field(
        description="`diffusers`: models with open weights, in processes of this server."
    )
    devices: Literal["auto", "cpu", "mps"] | tuple[DeviceName, ...] = Field(
        default="auto",
        description='Devices, each with a process: `["cuda:0", "cuda:1"]`, `cpu`, `mps`; `auto`: '
        "all NVIDIA cards, else the CPU.",
    )
    python: str | None = Field(
        default=None,
        description="Python of the processes, if another one than the server's has the packages "
        "of the extra `diffusers` (and Hinode).",
    )
    render_timeout_seconds: float = Field(
        default=14_400,
        gt=0,
        description="Time in which a job must be rendered once its model is loaded.",
    )
    load_timeout_seconds: float = Field(
        default=3600, gt=0, description="Time in which a model must be loaded."
    )
    cancel_seconds: float = Field(
        default=30,
        gt=0,
        description="Time in which a job that is canceled must stop at a step; then its process "
        "is ended, and with it its model is unloaded.",
    )
    keep_loaded_seconds: float = Field(
        default=1800, ge=0, description="Time without a job after which a model is unloaded."
    )
    description: str = Field(default="", description="Sentence for the list of models.")
    licence: str = Field(default="", description="Licence for the list of models.")
    models: dict[str, ModelLoadSettings] = Field(
        default_factory=dict,
        description="What holds for single models, by the name that `upstream` has.",
    )

    @model_validator(mode="before")
    @classmethod
    def _one_job_per_device(cls, given: Any) -> Any:
        """Let as many jobs run as there are devices, unless the operator says otherwise."""
        if not isinstance(given, dict) or "concurrency" in given:
            return given
        devices = given.get("devices", "auto")
        try:
            count = len(devices_of(devices))
        except (TypeError, ValueError, AttributeError):
            return given  # the field itself is reported
        return {**given, "concurrency": max(1, count)}

    @model_validator(mode="after")
    def _gguf_has_a_file(self) -> Self:
        if self.quantization == GGUF:
            raise ValueError(f"the engine names no .gguf file{GGUF_REMEDY}")
        for name, one in self.models.items():
            if one.quantization == GGUF and not (one.has_gguf or name.endswith(f".{GGUF}")):
                raise ValueError(f"the model {name} names no .gguf file{GGUF_REMEDY}")
        return self

    @model_validator(mode="after")
    def _single_files_are_whole(self) -> Self:
        for name, one in self.models.items():
            if (one.base is None) != (one.sha256 is None):
                raise ValueError(
                    f"the model {name} needs both 'base' and 'sha256', or none of them: they are "
                    "for a model that is a single file"
                )
            if one.base is not None and not _is_file_name(name):
                raise ValueError(
                    f"the model {name} has a 'base', and is no path of a .safetensors or .gguf file"
                )
        return self

    @model_validator(mode="after")
    def _devices_can(self) -> Self:
        """Refuse options that a named device has not; those of `auto` are seen at the load."""
        named = () if self.devices == "auto" else devices_of(self.devices)
        for device in named:
            for name in ("", *self.models):
                reason = refusal(self.load_settings(name).load_options, device.name)
                if reason is not None:
                    raise ValueError(f"{reason}{f' (of the model {name})' if name else ''}")
        return self

    @property
    def run_timeout(self) -> float:
        """The seconds in which a job must be rendered, with the load of its model."""
        return self.load_timeout_seconds + self.render_timeout_seconds

    def load_settings(self, model: str) -> LoadSettings:
        """Return how a model is loaded: by its own table, else by that of the engine."""
        own = self.models.get(model, ModelLoadSettings())
        names = LoadSettings.model_fields
        return LoadSettings(
            **{name: getattr(self if getattr(own, name) is None else own, name) for name in names}
        )

    def files_of(self, model: str) -> tuple[WeightsFile, ...]:
        """Return the files that take the place of weights of a model."""
        own = self.models.get(model, ModelLoadSettings())
        if own.base is None or own.sha256 is None:
            return own.weights_files
        return (
            WeightsFile("", Path(model).expanduser().absolute(), own.sha256),
            *own.weights_files,
        )

    def base_of(self, model: str) -> str:
        """Return the name of the model that a model is read from: its own, or that of its base."""
        own = self.models.get(model)
        return model if own is None or own.base is None else own.base

    def with_files_in(self, folder: Path) -> Self:
        """Return the settings with relative paths of files as they are from a folder."""
        models = {name: one.with_files_in(folder) for name, one in self.models.items()}
        return self.model_copy(update={"models": models})
