"""Settings of loading models: those of an engine, and of one of its models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hinode.engines.diffusers.weights.facts import WeightsFile
from hinode.engines.diffusers.weights.load_options import LoadOptions, Placement, Quantization

GGUF = "gguf"
GGUF_REMEDY = """: set quantization = "gguf" in the table of a model, with its 'files'"""
_PLACEMENTS = {
    "none": Placement.RESIDENT,
    "model": Placement.MODEL_OFFLOAD,
    "group": Placement.GROUP_OFFLOAD,
}


def _refuse_hub(backend: str) -> str:
    if "hub" in backend:
        raise ValueError(
            f"'{backend}' downloads code, which is never run: install the package of an attention "
            "backend and name that, such as flash or sage"
        )
    return backend


Digest = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$"), AfterValidator(str.lower)]
AttentionBackend = Annotated[str, AfterValidator(_refuse_hub)]


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
    quantization: Literal["fp8", "int8", "gguf"] | None = Field(
        default=None,
        description="Weights of denoisers and text encoders in memory: `int8`, or `fp8`, a byte a "
        "number; `gguf`: as the .gguf files of the model have them; unset: as `dtype` says.",
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
            # What is in a .gguf file stays as it is there.
            quantization=None
            if self.quantization in (None, GGUF)
            else Quantization(self.quantization),
            compile=self.compile is True,
        )


class FileSettings(BaseModel):
    """A single file of weights."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Field(description="Path of a `.safetensors` or `.gguf` file.")
    sha256: Digest = Field(description="SHA-256 of the file, which is compared at each load.")


class ModelLoadSettings(LoadSettings):
    """Settings of one model of the engine."""

    base: str | None = Field(
        default=None,
        description="For a model that is a single file: the model in the form of diffusers, "
        "`owner/name` or a folder, that has what the file has not, such as the text encoder.",
    )
    sha256: Digest | None = Field(
        default=None,
        description="SHA-256 of a model that is a single file, which is compared at each load.",
    )

    files: dict[str, FileSettings] = Field(
        default_factory=dict,
        description="Single files that take the place of the weights of components, such as "
        '`transformer = { path = "…", sha256 = "…" }`.',
    )

    @property
    def has_gguf(self) -> bool:
        """True if any of the files is a GGUF."""
        return any(one.path.suffix == f".{GGUF}" for one in self.files.values())

    @property
    def weights_files(self) -> tuple[WeightsFile, ...]:
        """The files, each with its component."""
        return tuple(WeightsFile(name, one.path, one.sha256) for name, one in self.files.items())

    def with_files_in(self, folder: Path) -> Self:
        """Return the settings with relative paths of files as they are from a folder."""
        files = {
            name: one.model_copy(update={"path": folder / one.path.expanduser()})
            for name, one in self.files.items()
        }
        return self.model_copy(update={"files": files})
