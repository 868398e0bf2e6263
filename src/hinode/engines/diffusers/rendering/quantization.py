"""Quantize a component: its large layers have eight bits a number in memory."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import hooks

from hinode.engines.diffusers.weights.facts import is_precise
from hinode.engines.diffusers.weights.load_options import Quantization

_NARROW = "apply_layerwise_casting"
"""The function of diffusers, by a text: what it calls this is a gone word here."""


def quantize(part: torch.nn.Module, to: Quantization) -> None:
    """Quantize the layers of a component, but for those that need their precision.

    Raises ``ImportError`` where the package that it needs is missing.
    """
    kept = _kept(part)
    if to is Quantization.FP8:
        _narrow(part, kept)
    else:
        _to_integers(part, kept)


def _kept(part: torch.nn.Module) -> frozenset[str]:
    """Return the names of the layers that keep their precision: by their model, or by ours."""
    own = tuple(getattr(part, "_skip_layerwise_casting_patterns", None) or ())
    own += tuple(getattr(part, "_keep_in_fp32_modules", None) or ())
    return frozenset(
        name
        for name, _ in part.named_modules()
        if is_precise(name) or any(word in name for word in own)
    )


def _narrow(part: torch.nn.Module, kept: frozenset[str]) -> None:
    """Keep weights in eight bits, and make those of one layer wider while it computes."""
    narrow = getattr(hooks, _NARROW)
    for name, layer in part.named_modules():
        if isinstance(layer, torch.nn.Linear) and name not in kept:
            # As wide as it was: other weights of the same part may be wider.
            narrow(layer, torch.float8_e4m3fn, layer.weight.dtype)


def _to_integers(part: torch.nn.Module, kept: frozenset[str]) -> None:
    from torchao.quantization import Int8WeightOnlyConfig, quantize_

    def wanted(layer: Any, name: str) -> bool:
        return isinstance(layer, torch.nn.Linear) and name not in kept

    quantize_(part, Int8WeightOnlyConfig(), filter_fn=wanted)
