"""What a benchmark says: lines of a table, and targets that hold or do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

MARGIN = 0.2
"""How far a target may be missed before the run fails: machines are shared and differ."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what was measured, its figure in words, and details."""

    name: str
    figure: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryTarget:
    """A figure that must be at least, or at most, a bound."""

    name: str
    value: float
    bound: float
    unit: str
    at_most: bool = False

    @property
    def holds(self) -> bool:
        return self._within(self.bound)

    @property
    def fails(self) -> bool:
        """Whether it is missed by more than the margin."""
        return not self._within(self.bound * (1 + MARGIN if self.at_most else 1 - MARGIN))

    @property
    def verdict(self) -> str:
        if self.holds:
            return "[green]holds[/]"
        return "[red]FAILS[/]" if self.fails else "[yellow]missed within the margin[/]"

    @property
    def rule(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.bound:g} {self.unit}".rstrip()

    def _within(self, bound: float) -> bool:
        return self.value <= bound if self.at_most else self.value >= bound


@dataclass(frozen=True, slots=True)
class Part:
    """The findings of one part of the run."""

    lines: list[Line]
    targets: list[DeliveryTarget]


def show(parts: Iterable[Part]) -> bool:
    """Print one table; return whether no target is missed by more than the margin."""
    table = Table("measured", "figure", "target", "detail", box=None, pad_edge=False)
    targets: list[DeliveryTarget] = []
    for part in parts:
        rules = {target.name: target for target in part.targets}
        for line in part.lines:
            target = rules.get(line.name)
            held = f"{target.rule}: {target.verdict}" if target else ""
            table.add_row(line.name, line.figure, held, line.detail)
        table.add_section()
        targets += part.targets
    Console(width=150).print(table)
    return not any(target.fails for target in targets)
