"""The protocol between the engine and its render process: JSON, one value per line."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from hinode.engines.base import Artifact, RenderSpec
from hinode.engines.diffusers.weights.facts import ModelFacts
from hinode.engines.diffusers.weights.load_options import LoadOptions


class Phase(StrEnum):
    """A part of a job's work, in the order in which they come.

    All but ``loading`` come once per clip that the model renders.
    """

    LOADING = "loading"
    ENCODING = "encoding"
    STEPS = "steps"
    DECODING = "decoding"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class ModelOrder:
    """A model to load: its name, what its folder tells of it, and how.

    The name is shown to clients: of a model that the settings name by a path it has no path.
    """

    name: str
    facts: ModelFacts
    options: LoadOptions = field(default_factory=LoadOptions)


@dataclass(frozen=True, slots=True)
class RenderCommand:
    """A job to render into a folder.

    ``steps`` and ``guidance`` are the operator's own defaults, None for those of the model. With
    ``alone`` the device is given up only when its files are written.
    """

    spec: RenderSpec
    folder: Path
    model: ModelOrder
    steps: int | None = None
    guidance: float | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A line to the process: a job to render, or the id of the one to stop."""

    render: RenderCommand | None = None
    cancel: UUID | None = None


@dataclass(frozen=True, slots=True)
class PhaseProgress:
    """Progress within a phase, from 0.0 to 1.0; ``clip`` counts from 0 up to ``clips``."""

    phase: Phase
    done: float = 0.0
    clip: int = 0
    clips: int = 1


@dataclass(frozen=True, slots=True)
class FailureReport:
    """The reason why a job failed. ``code`` is stable.

    ``errno`` is that of the system's error behind it, or None. With ``fatal`` the process ends.
    """

    code: str
    message: str
    errno: int | None = None
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class RenderReport:
    """A line of the process about a job: its progress, or how it ended.

    With ``rendered`` only its files are still to be written, beside the next job's render.
    """

    job: UUID
    progress: PhaseProgress | None = None
    artifacts: tuple[Artifact, ...] | None = None
    failure: FailureReport | None = None
    canceled: bool = False
    rendered: bool = False
