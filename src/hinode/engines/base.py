"""The interface of engines: the work that they are given, and the files that they return.

An engine turns a :class:`RenderSpec` into files. ``submit`` is checkpointed and is never
repeated once its ticket is stored; ``collect`` may be called again with the same ticket after a
crash, in another process. Both are coroutines: a blocking engine runs its work in a child
process. Cancelling the ``collect`` task stops the work at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable
from uuid import UUID

from hinode.media.parameters import MAX_LORAS, NO_PARAMETERS, Lora, Parameter, RenderParameters
from hinode.media.types import (
    Artifact,
    ArtifactRole,
    DigitalSourceType,
    JobAction,
    MediaKind,
    OutputFormat,
    Shot,
    Style,
)

__all__ = [
    "JSON",
    "MAX_LORAS",
    "Artifact",
    "ArtifactRole",
    "Capabilities",
    "CharacterImage",
    "DigitalSourceType",
    "Engine",
    "EngineError",
    "JobAction",
    "Lora",
    "MediaKind",
    "OutputFormat",
    "Parameter",
    "RenderContext",
    "RenderParameters",
    "RenderSpec",
    "Shot",
    "Style",
    "SupportsAccounts",
    "SupportsCallbacks",
    "SupportsMaintenance",
    "SupportsModels",
    "Ticket",
]

JSON = str | int | float | bool | None | Sequence["JSON"] | Mapping[str, "JSON"]


@dataclass(frozen=True, slots=True)
class CharacterImage:
    """A character in the video: its name in the prompt, and a local picture."""

    name: str
    picture: Path


@dataclass(frozen=True, slots=True)
class RenderSpec:
    """Exactly what to render: the catalog has already fitted it to the engine's rules.

    ``width`` and ``height`` are pixels, ``frames`` the count per output, ``seed`` the seed of the
    first output (output *i* uses ``seed + i``). ``model`` is what the engine's server calls the
    model, None where the operator does not say; ``catalog_model`` is its name here.
    ``first_frame`` is a local image file, already checked, that a video starts on.

    A remix, edit or extension has the prompts of its ancestors, oldest first, in
    ``prompt_history``, the seed of its parent, and the parent's video (or an uploaded one) in
    ``source``. An extension keeps the first ``kept_frames`` frames of the source and counts them
    in ``frames``.

    ``shots`` are the scenes of a storyboard; their frames add up to ``frames``. A picture is made
    from ``references`` where there are any, changed only where ``mask`` is white (an 8-bit grey
    PNG of the size of the first reference, black where nothing may change; the rest is laid over
    what an engine returns), encoded as ``picture_format`` with ``picture_quality`` from 0 to 100
    (100 of WebP: without loss), and shown in ``partials`` unfinished states (0 to 3) on the way, of
    any format, which are made small; the ``output`` of their artifacts counts through all of the
    job.

    ``watermark`` requests the visible mark on every frame, ``watermarked_copy`` a video without it
    and a second file with it, whose role is ``watermarked``. Only an engine that renders by itself
    does either; one that downloads the files of another service leaves them as they are.

    ``parameters`` are the generation parameters of the request that this engine declares to take;
    a video ends on ``last_frame`` and shows what is in its ``references``.

    ``parent`` is the ticket of the job that a remix, edit or extension starts from, where this
    same engine rendered it.
    """

    job_id: UUID
    kind: MediaKind
    prompt: str
    width: int
    height: int
    fps: int
    frames: int
    seed: int
    outputs: int = 1
    watermark: bool = False
    first_frame: Path | None = None
    action: JobAction = JobAction.CREATE
    prompt_history: tuple[str, ...] = ()
    source: Path | None = None
    kept_frames: int = 0
    style: Style | None = None
    shots: tuple[Shot, ...] = ()
    characters: tuple[CharacterImage, ...] = ()
    references: tuple[Path, ...] = ()
    mask: Path | None = None
    picture_format: OutputFormat = OutputFormat.PNG
    picture_quality: int = 100
    partials: int = 0
    watermarked_copy: bool = False
    model: str | None = None
    catalog_model: str | None = None
    parent: Ticket | None = None
    parameters: RenderParameters = NO_PARAMETERS
    last_frame: Path | None = None

    @property
    def seconds(self) -> float:
        """Length of one output in seconds."""
        return self.frames / self.fps


@dataclass(frozen=True, slots=True)
class Ticket:
    """The data that ``collect`` needs to find submitted work again, in any process."""

    data: Mapping[str, JSON] = field(default_factory=dict)


def _nothing() -> None:
    """Do nothing."""


def _ignore(_seconds: float) -> None:
    """Take the remaining seconds where nobody asks for them."""


@dataclass(frozen=True, slots=True)
class RenderContext:
    """The job, folder and progress callback of a running ``collect``.

    ``workdir`` is an empty folder of its own, removed afterwards. ``report`` takes the overall
    progress from 0.0 to 1.0; it is cheap, never blocks, and ignores decreasing values.
    ``report_remaining`` takes the seconds until the end, of an engine that knows them; else they
    are estimated from the progress. ``report_rendered`` tells that the engine can take another job
    while it writes the files of this one.
    """

    spec: RenderSpec
    workdir: Path
    report: Callable[[float], None]
    report_remaining: Callable[[float], None] = _ignore
    report_rendered: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The capabilities of an engine, declared and not probed.

    ``description`` is one honest sentence for people: it is shown in the model list. ``origin``
    is signed into every file, so there is no default. Requests for an action not in ``actions`` or
    for more than ``max_outputs`` are rejected before they become jobs. Where ``can_resubmit`` is
    False, a submit that a crash interrupted is not repeated: the job fails and is refunded. Where
    ``exact_output`` is False, another server decides what is rendered: its measured size, rate and
    length are then reported in place of what was planned. Metadata of files is removed, unless the
    engine vouches with ``own_metadata`` that it wrote every word of it itself. ``parameters`` are
    the generation parameters that it takes, ``extra_params`` the names of further ones: it gets no
    others, and clients are told of those that they asked for. Requests for more than ``max_loras``
    LoRAs are rejected. With ``hosted`` True, prompts and pictures leave the operator's own
    machines: such an engine gets no job of an account or key that is `local_only`. With
    ``needs_picture`` it makes no new videos or images of a prompt alone: they need a first frame,
    or a picture to change; with ``needs_last_frame`` new videos need a last frame; with
    ``last_frame_needs_first`` a new video ends on a picture only if it starts on one. It
    takes at most ``max_pictures`` references of a video, or pictures that an image is made from.
    ``models`` are the capabilities for names of the server's models (``RenderSpec.model``) that
    differ from these, under the empty name those for models that name none. ``weights`` is the
    public name of those that a model is rendered with; it is signed into files with ``licence``.
    """

    kinds: frozenset[MediaKind]
    first_frame: bool
    audio: bool
    description: str
    licence: str
    origin: DigitalSourceType
    actions: frozenset[JobAction] = frozenset(JobAction)
    max_outputs: int = 4
    can_resubmit: bool = True
    exact_output: bool = True
    own_metadata: bool = False
    parameters: frozenset[Parameter] = frozenset()
    extra_params: frozenset[str] = frozenset()
    max_loras: int = 1
    hosted: bool = False
    needs_picture: bool = False
    needs_last_frame: bool = False
    last_frame_needs_first: bool = False
    max_pictures: int | None = None
    models: Mapping[str, Capabilities] = field(default_factory=dict)
    weights: str | None = None


class EngineError(Exception):
    """Rendering failed. ``code`` is stable and public; the message is for the job's owner.

    With ``not_accepted`` true the engine did not accept the work, through no fault of the request:
    it may be retried later, or go to another engine. With ``engine_fault`` true the engine itself
    seems broken, and may have the work: this job fails, and others should go to another engine.
    ``retry_after`` is the seconds that the engine requests before the next job, or None. With
    ``job_specific`` true it holds for this job only, which needs what others do not. With
    ``host_suspected`` true the worker's host may be the cause, for example by a lack of memory: the
    job is collected again a few times before it fails.
    """

    not_accepted: bool = False
    engine_fault: bool = False
    job_specific: bool = False
    host_suspected: bool = False
    retry_after: float | None = None

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def may_cost(self, *, accepted: bool) -> bool:
        """Return whether the engine's server may charge for the job that failed so.

        ``accepted``: it had accepted the job before. By default an engine that fails charges
        nothing.
        """
        return False


@runtime_checkable
class Engine(Protocol):
    """A renderer. Built-in and third-party engines register under ``hinode.engines``."""

    @property
    def name(self) -> str:
        """The engine's name in the catalog, settings and answers."""
        ...

    def capabilities(self) -> Capabilities:
        """Return what this engine can render."""
        ...

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Submit the work, once. Raises :class:`EngineError` when it is rejected."""
        ...

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Wait for the work and write its files into ``context.workdir``.

        Raises :class:`EngineError` when the work failed.
        """
        ...

    async def cancel(self, ticket: Ticket) -> None:
        """Stop the work wherever it runs; harmless when it has ended."""
        ...


@runtime_checkable
class SupportsModels(Protocol):
    """An engine whose models differ in ways that their files tell, which may come later."""

    def capabilities_of(self, model: str) -> Capabilities | None:
        """Return the capabilities of a model by its name there; None: those of the engine."""
        ...


@runtime_checkable
class SupportsMaintenance(Protocol):
    """An engine with periodic work of its own, such as token refresh."""

    async def maintenance(self) -> int:
        """Do what is due and return how much that was; called about every 30 seconds."""
        ...


@runtime_checkable
class SupportsCallbacks(Protocol):
    """An engine whose upstream server calls back."""

    def notify(self, token: str) -> bool:
        """Poll the job of a token at once; False for a token that is not ours."""
        ...


@runtime_checkable
class SupportsAccounts(Protocol):
    """An engine that renders with accounts at its server."""

    async def check_account(self, account_id: UUID) -> str | None:
        """Query the server about an account and store the response; return the problem, or None."""
        ...
