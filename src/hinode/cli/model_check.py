"""The check of an open-weight model: its facts, and how it fits this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from hinode.engines.diffusers.weights.facts import ModelFacts
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.library import licence_limits, local_model
from hinode.engines.diffusers.weights.machine import cards, free_host_memory
from hinode.engines.diffusers.weights.memory import (
    GIB,
    Memory,
    MemoryPlan,
    Placement,
    component_bytes,
    plan_memory,
)

_PLACEMENTS = {
    Placement.RESIDENT: "all weights on the card",
    Placement.MODEL_OFFLOAD: "one component at a time on the card, the others in host memory",
    Placement.GROUP_OFFLOAD: "a few blocks at a time on the card, the rest in host memory: slower",
    Placement.HOST: "without a card, on the processor: right, and very slow",
    Placement.NONE: "does not fit; free memory, or take a smaller or quantized model",
}
_WIDTH = 2
_CPU_WIDTH = 4


@dataclass(frozen=True, slots=True)
class Fit:
    """The plan of a model on a device; ``device`` is the name of a card, or ``cpu``."""

    device: str
    free: Memory
    plan: MemoryPlan


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """The result of the check of a model; it is usable if it is complete and fits one device."""

    name: str
    facts: ModelFacts
    licence: str | None
    fits: tuple[Fit, ...]

    @property
    def usable(self) -> bool:
        """True if it can be rendered with on this machine."""
        fits = any(one.plan.placement is not Placement.NONE for one in self.fits)
        return fits and not self.facts.missing

    def to_object(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        facts, rules = self.facts, self.facts.checkpoint
        return {
            "model": self.name,
            "folder": str(facts.folder),
            "usable": self.usable,
            "class": facts.pipeline_class,
            "kind": facts.kind.value,
            "from_text": facts.from_text,
            "from_picture": facts.from_picture,
            "sound": facts.sound,
            "rules": str(rules.rule) if rules else None,
            "sizes": [str(size) for size in rules.rule.canvases] if rules else [],
            "licence": self.licence,
            "missing": list(facts.missing),
            "components": [
                {
                    "name": one.name,
                    "class": one.class_name,
                    "bytes": one.stored,
                    "bytes_by_dtype": dict(one.bytes_by_dtype),
                }
                for one in facts.components
            ],
            "fits": [_fit_object(one) for one in self.fits],
        }


def check_model(name: str, models: Path) -> ModelCheck:
    """Check a model on this machine. Raises ``EngineError`` for one that cannot be read."""
    folder = local_model(name, models)
    facts = inspect(folder, name)
    licence = facts.checkpoint.licence if facts.checkpoint else licence_limits(name)
    return ModelCheck(name, facts, licence, tuple(_fits(facts)))


def _fits(facts: ModelFacts) -> list[Fit]:
    host = free_host_memory()
    found = [(one.name, Memory(one.free, host), _WIDTH) for one in cards()]
    return [
        Fit(device, free, plan_memory(facts, free, width=width))
        for device, free, width in found or [("cpu", Memory(None, host), _CPU_WIDTH)]
    ]


def _fit_object(one: Fit) -> dict[str, Any]:
    return {
        "device": one.device,
        "placement": one.plan.placement.value,
        "free_card_bytes": one.free.card,
        "free_host_bytes": one.free.host,
        "card_peak_bytes": one.plan.card_peak,
        "host_peak_bytes": one.plan.host_peak,
    }


def print_check(found: ModelCheck) -> None:
    """Print a check for people."""
    facts, rules = found.facts, found.facts.checkpoint
    lines = [
        ("folder", str(facts.folder)),
        ("class", f"{facts.pipeline_class}: {_abilities(facts)}"),
        ("licence", found.licence or "see its repository"),
        ("weights", ", ".join(_weights(facts))),
    ]
    if rules:
        sizes = " ".join(str(size) for size in rules.rule.canvases)
        lines.insert(2, ("rules", f"those of {rules.name}: {sizes}; {rules.rule}"))
    lines += [("missing", one) for one in facts.missing]
    lines += [(one.device, _fit(one)) for one in found.fits]
    for name, text in lines:
        typer.echo(f"{name + ':':<10}{text}")


def _abilities(facts: ModelFacts) -> str:
    picture = "a first frame" if facts.kind.value == "video" else "a picture"
    inputs = [("a prompt", facts.from_text), (picture, facts.from_picture)]
    taken = " or ".join(text for text, takes in inputs if takes)
    return f"{facts.kind} of {taken}, {'with' if facts.sound else 'without'} sound"


def _weights(facts: ModelFacts) -> list[str]:
    return [f"{one.name} {_gib(component_bytes(one, _WIDTH))}" for one in facts.components]


def _fit(one: Fit) -> str:
    free = "" if one.free.card is None else f"{_gib(one.free.card)} free, "
    peaks = f"{_gib(one.plan.card_peak)} on the card, " if one.free.card is not None else ""
    return (
        f"{free}{_gib(one.free.host)} free on the host: {_PLACEMENTS[one.plan.placement]}; "
        f"expected peak {peaks}{_gib(one.plan.host_peak)} on the host"
    )


def _gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB"
