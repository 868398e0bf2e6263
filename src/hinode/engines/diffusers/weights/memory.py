"""The rule of fitting a model to the memory of a card and its host, as a pure function.

The rule and the estimate of activations are inferred from model cards and reports, and were not
measured on a card. VAE tiling is on in every mode.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hinode.engines.diffusers.weights.facts import Component, ModelFacts
from hinode.open_models.frames import FrameRule

GIB = 1 << 30
_BASE = GIB
"""Of the libraries, the kernels and what the allocator keeps."""
_PER_PIXEL = 48
"""Bytes of activations for each pixel of all frames: at 720p and 81 frames 3.3 GiB."""
_PICTURE_PIXELS = 1024 * 1024
_BLOCKS = 8
"""With group offload two blocks of the largest component are on the card, at most this part."""
_FULL_WIDTH = 4


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


@dataclass(frozen=True, slots=True)
class Memory:
    """Free bytes: on the card, None without one, and on the host."""

    card: int | None
    host: int


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """A placement, and the peaks that are expected of it in bytes.

    ``weights`` are those of all components and ``largest`` those of the largest one, as loaded.
    """

    placement: Placement
    weights: int
    largest: int
    card_peak: int
    host_peak: int


def activation_bytes(width: int, height: int, frames: int) -> int:
    """Return an estimate of the memory that one render needs besides the weights."""
    return _BASE + _PER_PIXEL * width * height * frames


def usual_activations(rule: FrameRule | None) -> int:
    """Return the estimate for the usual size and length of a model, a square one for pictures."""
    if rule is None:
        return _BASE + _PER_PIXEL * _PICTURE_PIXELS
    canvas = rule.canvases[0]
    return activation_bytes(canvas.width, canvas.height, rule.native_frames)


def component_bytes(component: Component, width: int) -> int:
    """Return the bytes of a component as it is loaded; a VAE always has full precision."""
    return component.bytes_at(_FULL_WIDTH if "vae" in component.name else width)


def plan_memory(
    facts: ModelFacts, free: Memory, activations: int | None = None, width: int = 2
) -> MemoryPlan:
    """Return where the weights go when they are loaded with ``width`` bytes a number.

    ``activations`` is the estimate for a render, else that of the model's usual size and length.
    """
    if activations is None:
        activations = usual_activations(facts.checkpoint.rule if facts.checkpoint else None)
    sizes = [component_bytes(one, width) for one in facts.components]
    weights, largest = sum(sizes), max(sizes, default=0)
    if free.card is None:
        peak = weights + activations
        fits = peak <= free.host
        return MemoryPlan(Placement.HOST if fits else Placement.NONE, weights, largest, 0, peak)
    for placement, on_card, on_host in (
        (Placement.RESIDENT, weights, largest),
        (Placement.MODEL_OFFLOAD, largest, weights),
        (Placement.GROUP_OFFLOAD, largest // _BLOCKS, weights),
    ):
        plan = MemoryPlan(placement, weights, largest, on_card + activations, _BASE + on_host)
        if plan.card_peak <= free.card and plan.host_peak <= free.host:
            return plan
    return MemoryPlan(Placement.NONE, weights, largest, plan.card_peak, plan.host_peak)
