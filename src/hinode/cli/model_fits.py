"""The devices and settings that a model of this host is loaded with, and how it fits them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hinode.config.settings import Settings
from hinode.engines.diffusers.devices import Device, devices_of
from hinode.engines.diffusers.settings import DiffusersSettings
from hinode.engines.diffusers.weights.facts import ModelFacts
from hinode.engines.diffusers.weights.load_options import LoadOptions, Placement, refusal
from hinode.engines.diffusers.weights.machine import Card, cards, free_host_memory
from hinode.engines.diffusers.weights.memory import GIB, Memory, MemoryPlan, plan_memory
from hinode.engines.diffusers.weights.remedies import memory_remedy

_PLACEMENTS = {
    Placement.RESIDENT: "all weights on the card",
    Placement.MODEL_OFFLOAD: "one component at a time on the card, the others in host memory",
    Placement.GROUP_OFFLOAD: "a few blocks at a time on the card, the rest in host memory: slower",
    Placement.HOST: "without a card, on the processor: right, and very slow",
    Placement.NONE: "does not fit",
}
_NO_CARD = "the driver tells of no such card, or not its memory"


@dataclass(frozen=True, slots=True)
class Fit:
    """The plan of a model on a device by the settings of an engine, empty without one.

    ``problem`` is why it cannot be loaded there, with the remedy; None where it can.
    """

    engine: str
    device: str
    options: LoadOptions
    free: Memory
    plan: MemoryPlan
    problem: str | None

    @property
    def set_options(self) -> dict[str, str]:
        """The options that the operator has set, which are in force besides the usual ones."""
        options = self.options
        given = {
            "offload": options.placement and options.placement.value,
            "dtype": options.dtype,
            "quantization": options.quantization and options.quantization.value,
            "attention": options.attention,
            "compile": "true" if options.compile else None,
            "vae_tiling": None if options.vae_tiling else "false",
        }
        return {name: value for name, value in given.items() if value}

    def to_object(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "engine": self.engine or None,
            "device": self.device,
            "settings": self.set_options,
            "placement": self.plan.placement.value,
            "fits": self.problem is None,
            "problem": self.problem,
            "free_card_bytes": self.free.card,
            "free_host_bytes": self.free.host,
            "card_peak_bytes": self.plan.card_peak,
            "host_peak_bytes": self.plan.host_peak,
        }

    @property
    def label(self) -> str:
        """The engine and the device, for people."""
        return f"{self.engine}, {self.device}" if self.engine else self.device

    def __str__(self) -> str:
        """Tell what would happen."""
        has_card = self.free.card is not None
        free = f"{gib(self.free.card or 0)} free, " if has_card else ""
        peak = f"{gib(self.plan.card_peak)} on the card, " if has_card else ""
        given = ", ".join(f"{name} {value}" for name, value in self.set_options.items())
        ends = f". {self.problem}" if self.problem else ""
        return (
            f"{free}{gib(self.free.host)} free on the host: {_PLACEMENTS[self.plan.placement]}"
            f"{f' ({given})' if given else ''}; "
            f"expected peak {peak}{gib(self.plan.host_peak)} on the host{ends}"
        )


def model_fits(
    facts: ModelFacts, name: str, engines: list[tuple[str, DiffusersSettings]]
) -> list[Fit]:
    """Return how a model fits the devices of each engine."""
    found, host = cards(), free_host_memory()
    return [
        _fit(facts, engine, table.load_settings(name).load_options, device, found, host)
        for engine, table in engines
        for device in devices_of(table.devices)
    ]


def gib(size: int) -> str:
    """Format a size for people."""
    return f"{size / GIB:.1f} GiB"


def engines_of(settings: Settings, name: str) -> list[tuple[str, DiffusersSettings]]:
    """Return the engines whose models have this name; else all, else one of the defaults."""
    tables = settings.engine_tables.items()
    every = [(engine, one) for engine, one in tables if isinstance(one, DiffusersSettings)]
    naming = {engine for engine, upstream in local_routes(settings) if upstream == name}
    named = [one for one in every if one[0] in naming]
    return named or every or [("", DiffusersSettings(kind="diffusers"))]


def local_routes(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the engines with models of their own, each with the name of a model that it renders."""
    from hinode.engines.diffusers.weights.settings import LocalModelSettings

    for model in settings.models.values():
        routes = [(one.engine, one.upstream) for one in model.engines or ()]
        for engine, upstream in routes or [(model.engine or settings.engine, None)]:
            name = upstream or model.upstream
            if name and isinstance(settings.engines.get(engine), LocalModelSettings):
                yield engine, name


def _fit(
    facts: ModelFacts,
    engine: str,
    options: LoadOptions,
    device: Device,
    found: list[Card],
    host: int,
) -> Fit:
    card = _card(device, found)
    label = f"{device.name} {card.name}" if card else device.name
    is_card = device.name.startswith("cuda")
    free = Memory((card.free if card else 0) if is_card else None, host)
    plan = plan_memory(facts, free, options)
    problem = refusal(options, device.name)
    if problem is None and is_card and card is None:
        problem = _NO_CARD
    if problem is None and not plan.fits:
        problem = memory_remedy(facts, free, options)
    return Fit(engine, label, options, free, plan, problem)


def _card(device: Device, found: list[Card]) -> Card | None:
    if not device.name.startswith("cuda"):
        return None
    # Of a part of a card (MIG-…) the driver's list tells no memory.
    named = device.visible
    return next(
        (
            one
            for one in found
            if named == str(one.number) or (named.startswith("GPU-") and one.uuid.startswith(named))
        ),
        None,
    )
