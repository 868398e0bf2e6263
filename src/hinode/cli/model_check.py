"""The check of an open-weight model: its facts, and how it fits this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import typer

from hinode.cli.model_fits import Fit, engines_of, gib, model_fits
from hinode.config.settings import Settings
from hinode.engines.diffusers.weights.facts import ModelFacts
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.library import local_model
from hinode.engines.diffusers.weights.memory import component_bytes


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """The result of the check of a model; it is usable if it is complete and fits one device."""

    name: str
    facts: ModelFacts
    fits: tuple[Fit, ...]

    @property
    def usable(self) -> bool:
        """True if it can be rendered with on this machine."""
        return any(one.problem is None for one in self.fits) and not self.facts.missing

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
            "licence": facts.known_licence,
            "missing": list(facts.missing),
            "files": {one.component: str(one.path) for one in facts.files},
            "components": [
                {
                    "name": one.name,
                    "class": one.class_name,
                    "bytes": one.stored,
                    "bytes_by_dtype": dict(one.bytes_by_dtype),
                }
                for one in facts.components
            ],
            "fits": [one.to_object() for one in self.fits],
        }


def check_model(name: str, settings: Settings) -> ModelCheck:
    """Check a model on this machine. Raises ``EngineError`` for one that cannot be read."""
    tables = engines_of(settings, name)
    engine = tables[0][1]
    folder = local_model(engine.base_of(name), settings.models_path)
    facts = inspect(folder, name, engine.files_of(name))
    return ModelCheck(name, facts, tuple(model_fits(facts, name, tables)))


def print_check(found: ModelCheck) -> None:
    """Print a check for people."""
    facts, rules = found.facts, found.facts.checkpoint
    lines = [
        ("folder", str(facts.folder)),
        ("class", f"{facts.pipeline_class}: {_abilities(facts)}"),
        ("licence", facts.known_licence or "see its repository"),
        ("weights", ", ".join(_weights(found))),
        *(("file", f"{one.component} of {one.path}") for one in facts.files),
    ]
    if rules:
        sizes = " ".join(str(size) for size in rules.rule.canvases)
        lines.insert(2, ("rules", f"those of {rules.name}: {sizes}; {rules.rule}"))
    lines += [("missing", one) for one in facts.missing]
    lines += [(one.label, str(one)) for one in found.fits]
    for name, text in lines:
        typer.echo(f"{name + ': ':<10}{text}")


def _abilities(facts: ModelFacts) -> str:
    picture = "a first frame" if facts.kind.value == "video" else "a picture"
    inputs = [("a prompt", facts.from_text), (picture, facts.from_picture)]
    taken = " or ".join(text for text, takes in inputs if takes)
    return f"{facts.kind} of {taken}, {'with' if facts.sound else 'without'} sound"


def _weights(found: ModelCheck) -> list[str]:
    """Return the bytes of each component as the first engine would load it."""
    first = found.fits[0]
    on_card = first.free.card is not None
    return [
        f"{one.name} {gib(component_bytes(one, first.options, on_card=on_card))}"
        for one in found.facts.components
    ]
