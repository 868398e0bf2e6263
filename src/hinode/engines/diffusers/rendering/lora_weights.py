"""LoRAs of one render: loaded before it, removed after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hinode.engines.base import Lora
from hinode.engines.diffusers.rendering.clips import NotRenderable
from hinode.engines.diffusers.rendering.device_errors import is_of_device
from hinode.engines.diffusers.weights.load_options import LoadOptions


@contextmanager
def with_loras(pipeline: Any, loras: Sequence[Lora], options: LoadOptions) -> Iterator[None]:
    """Render with LoRAs for the length of the block. Raises :class:`NotRenderable`."""
    if not loras:
        yield
        return
    if not hasattr(pipeline, "load_lora_weights"):
        raise NotRenderable("lora_unsupported", "This model takes no LoRAs.")
    if not options.takes_loras:
        raise NotRenderable(
            "lora_unsupported",
            'LoRAs do not go with quantization = "fp8": the operator can set it to "int8".',
        )
    try:
        names = [_load(pipeline, lora, f"lora{place}") for place, lora in enumerate(loras)]
        pipeline.set_adapters(names, [one.weight for one in loras])
        yield
    finally:
        pipeline.unload_lora_weights()


def _load(pipeline: Any, lora: Lora, name: str) -> str:
    path = Path(lora.upstream)
    if path.suffix != ".safetensors" or not path.is_file():
        raise NotRenderable(
            "lora_unusable",
            f"The LoRA '{lora.name}' is not a .safetensors file on this machine: the setting "
            "'loras' of the model gives its path.",
        )
    try:
        pipeline.load_lora_weights(path.parent, weight_name=path.name, adapter_name=name)
    except (ValueError, KeyError, RuntimeError, OSError) as error:
        if is_of_device(error):
            raise
        raise NotRenderable(
            "lora_unusable", f"The LoRA '{lora.name}' does not fit this model."
        ) from error
    return name
