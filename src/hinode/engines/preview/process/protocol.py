"""The protocol between the engine and its render process: JSON, one value per line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hinode.engines.base import Artifact, RenderSpec


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """The request to the render process, the first line of its input."""

    spec: RenderSpec
    folder: Path


@dataclass(frozen=True, slots=True)
class RenderFailure:
    """The reason why the render process failed. ``code`` is stable.

    ``errno`` is that of the system's error behind it, or None.
    """

    code: str
    message: str
    errno: int | None = None


@dataclass(frozen=True, slots=True)
class RenderMessage:
    """A line of the render process: its progress from 0.0 to 1.0, or how it ended.

    ``artifacts`` are the files of all outputs.
    """

    progress: float | None = None
    failure: RenderFailure | None = None
    artifacts: tuple[Artifact, ...] | None = None
