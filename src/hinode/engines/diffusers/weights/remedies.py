"""The settings with which a model would fit the memory that it does not fit."""

from __future__ import annotations

from dataclasses import replace

from hinode.engines.diffusers.weights.facts import ModelFacts
from hinode.engines.diffusers.weights.load_options import LoadOptions, Quantization
from hinode.engines.diffusers.weights.memory import Memory, plan_memory


def memory_remedy(facts: ModelFacts, free: Memory, options: LoadOptions) -> str:
    """Return a sentence that tells what would make a model fit."""
    unset = replace(options, placement=None)
    usual = replace(unset, dtype=None)
    narrow = replace(unset, quantization=unset.quantization or Quantization.INT8)
    given = {"'offload'": options.placement, "'dtype'": options.dtype}
    named = " and ".join(name for name, value in given.items() if value is not None)
    for changed, text in (
        (unset, "Leave 'offload' out"),
        (usual, f"Leave {named} out"),
        (narrow, 'Set quantization = "int8"'),
    ):
        if changed != options and plan_memory(facts, free, changed).fits:
            return f"{text}."
    return "Free memory, or take a smaller model."
