"""The place of a pipeline's weights: on the device, or moved there when they are used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from accelerate.hooks import ModelHook, add_hook_to_module
from diffusers.hooks import apply_group_offloading

from hinode.engines.diffusers.weights.facts import is_quantized
from hinode.engines.diffusers.weights.load_options import Placement

_DENOISERS = ("transformer", "unet")
_HOST = torch.device("cpu")


def place(pipeline: Any, device: str, placement: Placement) -> None:
    """Put a pipeline's weights where they are while it renders."""
    if placement is Placement.MODEL_OFFLOAD:
        pipeline.enable_model_cpu_offload(device=device)
    elif placement is Placement.GROUP_OFFLOAD:
        _offload_groups(pipeline.components, torch.device(device))
    else:
        pipeline.to(device)


def _offload_groups(components: Mapping[str, Any], device: torch.device) -> None:
    """Have blocks of denoisers and layers of text encoders on a device while they compute.

    Pipelines call a denoiser as a whole, so that its next block can be moved while one computes. Of
    text encoders they call inner parts too, in which the library looks for no blocks. The others
    are there whole, until a denoiser computes: a VAE is used anew for each tile.
    """
    parts = {name: one for name, one in components.items() if isinstance(one, torch.nn.Module)}
    small = [one for name, one in parts.items() if not is_quantized(name)]
    for one in small:
        _move_when_used(one, device)
    for name, part in parts.items():
        if name.startswith(_DENOISERS):
            apply_group_offloading(
                part, device, offload_type="block_level", num_blocks_per_group=1,
                use_stream=device.type == "cuda",
            )  # fmt: skip
            part.register_forward_pre_hook(lambda *_: _move(small, _HOST))
        elif is_quantized(name):
            apply_group_offloading(part, device, offload_type="leaf_level")


def _move_when_used(whole: torch.nn.Module, device: torch.device) -> None:
    """Move a component when any part of it computes: VAEs decode by methods of their own."""
    for part in whole.modules():
        part.register_forward_pre_hook(lambda *_: _move([whole], device))
    for part in whole.children():
        add_hook_to_module(part, _Destination(device))


class _Destination(ModelHook):  # type: ignore[misc]
    """Tells pipelines where a component will be when it computes."""

    def __init__(self, device: torch.device) -> None:
        self.execution_device = device


def _move(parts: Iterable[torch.nn.Module], device: torch.device) -> None:
    for part in parts:
        if next(part.parameters()).device.type != device.type:
            part.to(device)
