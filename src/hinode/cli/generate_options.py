"""The options of `hinode generate`, and the paths of its files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

SUFFIX = ".mp4"
SERVER_ONLY = {"characters": "--character", "remix_id": "--remix"}
"""Parameters whose values a server keeps, with their options."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files that were written, and the id of the video at its server; None without one."""

    files: list[Path]
    video_id: str | None = None


@dataclass(frozen=True, slots=True)
class GenerateOptions:
    """The arguments of `hinode generate`.

    ``parameters`` are fields of `POST /v1/videos`; those that are missing have the model's default.
    """

    prompt: str
    output: Path
    parameters: Mapping[str, object]
    image: Path | None = None
    last_frame: Path | None = None
    reference_images: tuple[Path, ...] = ()
    n: int = 1
    force: bool = False

    def output_path(self, index: int) -> Path:
        """Return the file of an output by its index, counted from 0."""
        if index == 0:
            return self.output
        return self.output.with_stem(f"{self.output.stem}-{index + 1}")

    def check_output(self) -> None:
        """Exit when the outputs cannot be written, before anything is rendered or paid."""
        folder = self.output.absolute().parent
        if not folder.is_dir():
            fail(f"there is no folder {folder}; create it first.")
        if self.output.is_dir():
            fail(f"{self.output} is a folder; name a file in it, such as {self.output}/video.mp4.")
        if self.output.suffix.lower() != SUFFIX:
            named = self.output.with_suffix(SUFFIX)
            fail(f"videos are MP4 files; name it {named} instead of {self.output}.")
        taken = [path for path in map(self.output_path, range(self.n)) if path.exists()]
        if taken and not self.force:
            fail(f"{taken[0]} exists already; name another file, or add --force to replace it.")
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            fail(f"{folder} cannot be written to: {error.strerror}; choose another folder.")


def read_pairs(texts: Sequence[str]) -> dict[str, str]:
    """Return the values of NAME=VALUE by name; exit for other text."""
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            fail(f"'{text}' is not NAME=VALUE.")
        pairs[name] = value
    return pairs


def read_loras(texts: Sequence[str]) -> list[dict[str, str]]:
    """Return the fields of LoRAs, each NAME or NAME=WEIGHT."""
    split = (text.partition("=") for text in texts)
    return [
        {"name": name, "weight": weight} if equals else {"name": name}
        for name, equals, weight in split
    ]


def tell_ignored(names: Sequence[str]) -> None:
    """Say which parameters the engine does not take."""
    if names:
        typer.echo(f"The engine does not take {', '.join(names)}; ignored.", err=True)


def fail(message: str) -> NoReturn:
    """Exit with a message."""
    typer.echo(f"Error: {message}", err=True)
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
