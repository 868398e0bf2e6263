"""The options of `hinode generate`, and the paths of its files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


@dataclass(frozen=True, slots=True)
class GenerateOptions:
    """The arguments of `hinode generate`; None where the model's default holds."""

    prompt: str
    output: Path
    model: str | None
    size: str | None
    seconds: str | None
    image: Path | None
    seed: int | None
    n: int
    watermark: bool

    def output_path(self, index: int) -> Path:
        """Return the file of an output by its index, counted from 0."""
        if index == 0:
            return self.output
        return self.output.with_stem(f"{self.output.stem}-{index + 1}")

    def check_output(self) -> None:
        """Exit when the folder of the output is missing, before anything is rendered."""
        folder = self.output.absolute().parent
        if not folder.is_dir():
            typer.echo(f"Error: there is no folder {folder}; create it first.", err=True)
            raise typer.Exit(1)


class ProgressBar:
    """A progress bar on stderr; silent where that is no terminal."""

    def __init__(self, progress: Progress, task: int) -> None:
        self._progress = progress
        self._task = task

    def show(self, fraction: float, description: str = "rendering") -> None:
        """Show progress from 0.0 to 1.0 and a description of the step."""
        self._progress.update(self._task, completed=fraction, description=description)  # type: ignore[arg-type]


@contextmanager
def progress_bar() -> Iterator[ProgressBar]:
    """Show a bar while the block runs."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield ProgressBar(progress, progress.add_task("starting", total=1.0))
