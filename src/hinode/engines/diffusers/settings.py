"""The engine kind of open-weight models in our own processes: its settings."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from hinode.engines.base import Engine
from hinode.engines.diffusers.devices import devices_of, is_device
from hinode.engines.diffusers.weights.load_options import (
    LoadOptions,
    Placement,
    Quantization,
    refusal,
)
from hinode.engines.diffusers.weights.settings import LocalModelSettings
from hinode.engines.kinds import EngineKind
from hinode.upstream_accounts import AccountPool

_PLACEMENTS = {
    "none": Placement.RESIDENT,
    "model": Placement.MODEL_OFFLOAD,
    "group": Placement.GROUP_OFFLOAD,
}


def _check_device(name: str) -> str:
    if not is_device(name):
        raise ValueError(f"'{name}' is no device: write cpu, mps, or cuda:0, cuda:1 …")
    return name


def _refuse_hub(backend: str) -> str:
    if "hub" in backend:
        raise ValueError(
            f"'{backend}' downloads code, which is never run: install the package of an attention "
            "backend and name that, such as flash or sage"
        )
    return backend


AttentionBackend = Annotated[str, AfterValidator(_refuse_hub)]
DeviceName = Annotated[str, AfterValidator(_check_device)]


class LoadSettings(BaseModel):
    """Options of loading models; what is unset follows from the free memory."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    offload: Literal["none", "model", "group"] | None = Field(
        default=None,
        description="Weights during a render: `none` all on the card, `model` one component at a "
        "time, `group` block by block; unset: the first that fits the free memory.",
    )
    dtype: Literal["bfloat16", "float16", "float32"] | None = Field(
        default=None,
        description="Number format of all weights; unset: bfloat16 on a card (the VAE of Wan "
        "float32), float32 on a CPU.",
    )
    vae_tiling: bool | None = Field(
        default=None, description="Decode in tiles, which bounds its memory; unset: yes."
    )
    attention: AttentionBackend | None = Field(
        default=None,
        pattern=r"^[a-z0-9_]{1,40}$",
        description="Attention backend of diffusers whose package is installed, such as `flash` or "
        "`sage`; never those of the hub, which download code.",
    )
    quantization: Quantization | None = Field(
        default=None,
        description="Weights of denoisers and text encoders in memory: `int8`, or `fp8`, a byte a "
        "number; unset: as `dtype` says.",
    )
    compile: bool | None = Field(
        default=None,
        description="Compile the denoiser's blocks: the first job, and each new size, takes "
        "minutes more and the others less; it needs a C++ compiler. Unset: no.",
    )
    steps: int | None = Field(
        default=None, ge=1, le=1000, description="Steps of requests that name none."
    )
    guidance: float | None = Field(
        default=None, ge=0, le=100, description="Guidance scale of requests that name none."
    )

    @property
    def load_options(self) -> LoadOptions:
        """The options of a load."""
        return LoadOptions(
            placement=None if self.offload is None else _PLACEMENTS[self.offload],
            dtype=self.dtype,
            vae_tiling=self.vae_tiling is not False,
            attention=self.attention,
            quantization=self.quantization,
            compile=self.compile is True,
        )


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
    models: dict[str, LoadSettings] = Field(
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
        own = self.models.get(model, LoadSettings())
        names = LoadSettings.model_fields
        return LoadSettings(
            **{name: getattr(self if getattr(own, name) is None else own, name) for name in names}
        )


def _create(name: str, settings: DiffusersSettings, _accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that start no process.
    from hinode.engines.diffusers.engine import DiffusersEngine

    return DiffusersEngine(name, settings)


KIND = EngineKind(DiffusersSettings, _create)
