"""Load the components of a pipeline that differ from its folder: those that are quantized."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import torch
from diffusers import DiffusionPipeline

from hinode.engines.diffusers.process.protocol import ModelOrder
from hinode.engines.diffusers.rendering.quantization import quantize
from hinode.engines.diffusers.weights.facts import is_quantized

_FLOAT32_VAE = frozenset({"AutoencoderKLWan"})
"""VAEs whose decode loses visibly in bfloat16, as their model cards say."""


def read_dtypes(order: ModelOrder, device: str) -> Mapping[str, torch.dtype]:
    """Return the dtype of each component, ``default`` for the others: float32 on a CPU.

    Other dtypes are slow there.
    """
    named = order.options.dtype
    if named is not None:
        return {"default": getattr(torch, named)}
    if device == "cpu":
        return {"default": torch.float32}
    vae = next((one.class_name for one in order.facts.components if one.name == "vae"), "")
    wide = {"vae": torch.float32} if vae in _FLOAT32_VAE else {}
    return {"default": torch.bfloat16, **wide}


def read_own_components(order: ModelOrder, dtypes: Mapping[str, torch.dtype]) -> dict[str, Any]:
    """Load the components that are quantized, one by one: only one has its full size at a time."""
    if order.options.quantization is None:
        return {}
    index = DiffusionPipeline.load_config(order.facts.folder, local_files_only=True)
    made = {}
    for name in (one.name for one in order.facts.components if is_quantized(one.name)):
        library, class_name = index[name]
        made[name] = getattr(import_module(library), class_name).from_pretrained(
            order.facts.folder,
            subfolder=name,
            dtype=dtypes.get(name, dtypes["default"]),
            use_safetensors=True,
            local_files_only=True,
        )
        quantize(made[name], order.options.quantization)
    return made
