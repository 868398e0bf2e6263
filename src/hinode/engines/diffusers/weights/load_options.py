"""Options of loading a model, and what a device cannot do of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Placement(StrEnum):
    """The place of the weights while a model renders.

    ``resident``: all on the card. ``model_offload``: one component at a time. ``group_offload``:
    some blocks of one component at a time. ``host``: there is no card. ``none``: it does not fit.
    """

    RESIDENT = "resident"
    MODEL_OFFLOAD = "model_offload"
    GROUP_OFFLOAD = "group_offload"
    HOST = "host"
    NONE = "none"


class Quantization(StrEnum):
    """The form in which the weights of denoisers and text encoders stay in memory: 8 bits each."""

    FP8 = "fp8"
    INT8 = "int8"


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Options of loading a model that the operator sets; None: chosen by the free memory."""

    placement: Placement | None = None
    dtype: str | None = None
    vae_tiling: bool = True
    attention: str | None = None
    quantization: Quantization | None = None
    compile: bool = False

    @property
    def takes_loras(self) -> bool:
        """True if LoRAs can be added; beside 8-bit floats they would become as narrow."""
        return self.quantization is not Quantization.FP8


def refusal(options: LoadOptions, device: str) -> str | None:
    """Return why a device cannot load by these options, with the remedy; None where it can."""
    if not device.startswith("cuda") and options.placement not in (None, Placement.RESIDENT):
        return (
            f"'offload' moves weights to an NVIDIA card, and the device is '{device}': leave it out"
        )
    if device == "mps" and options.quantization is Quantization.FP8:
        return "'mps' has no numbers of 8 bits with a fraction: take quantization = \"int8\""
    return None
