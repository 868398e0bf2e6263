"""The rule of fitting a model to the memory of a card and its host, as a pure function.

The rule and the estimate of activations are inferred from model cards and reports, and were not
measured on a card. VAE tiling is on in every mode.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hinode.engines.diffusers.weights.facts import FLOAT32_VAES, Component, ModelFacts, is_quantized
from hinode.engines.diffusers.weights.load_options import LoadOptions, Placement
from hinode.open_models.frames import FrameRule

GIB = 1 << 30
_BASE = GIB
"""Of the libraries, the kernels and what the allocator keeps."""
_PER_PIXEL = 48
"""Bytes of activations for each pixel of all frames: at 720p and 81 frames 3.3 GiB."""
_PICTURE_PIXELS = 1024 * 1024
_BLOCKS = 8
"""With group offload two blocks of the largest component are on the card, at most this part.

Of text encoders it is one layer, of which the table of tokens is the largest. VAEs and the other
small components are there whole.
"""
_USUAL_WIDTH = 2
_FULL_WIDTH = 4
_BY_FREE_MEMORY = LoadOptions()


@dataclass(frozen=True, slots=True)
class Memory:
    """Free bytes: on the card, None without one, and on the host."""

    card: int | None
    host: int


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """A placement, and the peaks that are expected of it in bytes.

    ``fits``: the free memory is enough; a placement that the operator has set may not fit.
    """

    placement: Placement
    card_peak: int
    host_peak: int
    fits: bool


def activation_bytes(width: int, height: int, frames: int) -> int:
    """Return an estimate of the memory that one render needs besides the weights."""
    return _BASE + _PER_PIXEL * width * height * frames


def usual_activations(rule: FrameRule | None) -> int:
    """Return the estimate for the usual size and length of a model, a square one for pictures."""
    if rule is None:
        return _BASE + _PER_PIXEL * _PICTURE_PIXELS
    canvas = rule.canvases[0]
    return activation_bytes(canvas.width, canvas.height, rule.native_frames)


def component_bytes(component: Component, options: LoadOptions, *, on_card: bool) -> int:
    """Return the bytes of a component as it is loaded.

    Without a dtype of the operator's, numbers have two bytes on a card, those of some VAEs and all
    on a CPU four.
    """
    wide = not on_card or component.class_name in FLOAT32_VAES
    width = _FULL_WIDTH if wide else _USUAL_WIDTH
    if options.dtype is not None:
        width = _FULL_WIDTH if options.dtype == "float32" else _USUAL_WIDTH
    return component.bytes_at(width, quantized=options.quantization is not None)


def plan_memory(
    facts: ModelFacts,
    free: Memory,
    options: LoadOptions = _BY_FREE_MEMORY,
    activations: int | None = None,
) -> MemoryPlan:
    """Return where the weights go when they are loaded by these options.

    ``activations`` is the estimate for a render, else that of the model's usual size and length.
    """
    if activations is None:
        activations = usual_activations(facts.checkpoint.rule if facts.checkpoint else None)
    sizes = [
        component_bytes(one, options, on_card=free.card is not None) for one in facts.components
    ]
    weights, largest = sum(sizes), max(sizes, default=0)
    small = sum(
        size
        for one, size in zip(facts.components, sizes, strict=True)
        if not is_quantized(one.name)
    )
    if free.card is None:
        fits = weights + activations <= free.host
        placement = Placement.HOST if fits else Placement.NONE
        return MemoryPlan(placement, 0, weights + activations, fits)
    plans = [
        MemoryPlan(
            placement,
            card + activations,
            _BASE + host,
            card + activations <= free.card and _BASE + host <= free.host,
        )
        for placement, card, host in (
            (Placement.RESIDENT, weights, largest),
            (Placement.MODEL_OFFLOAD, largest, weights),
            (Placement.GROUP_OFFLOAD, max(small, largest // _BLOCKS), weights),
        )
        if options.placement in (None, placement)
    ]
    chosen = next((one for one in plans if one.fits), plans[-1])
    if chosen.fits or options.placement is not None:
        return chosen
    return replace(chosen, placement=Placement.NONE)
