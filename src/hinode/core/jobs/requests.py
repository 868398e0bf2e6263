"""Requests for jobs, common to all dialects."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hinode.core.assets.input_images import InputImage
from hinode.core.assets.input_videos import InputClip
from hinode.core.auth.types import Priority
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.options import Callback
from hinode.media.types import ArtifactRole, JobAction, OutputFormat, Style

FIRST_FRAME = frozenset({ArtifactRole.UPLOAD})
"""The role of the input image of a video that starts from one."""


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's key of a request; a repeat with the same key returns the first job.

    ``fingerprint`` is a digest of the whole request: the same key with another fingerprint is an
    error, because the client would get a job that it did not request.
    """

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class JobSource:
    """The source of a remix, edit or extension: an output of a completed job, counted from 0.

    ``owner`` is the account that published it (None: the caller's), ``post`` the post with it.
    """

    action: JobAction
    job_id: UUID
    output: int = 0
    owner: UUID | None = None
    post: UUID | None = None


@dataclass(frozen=True, slots=True)
class UploadSource:
    """The source of an edit or extension: a validated video file.

    ``clip`` is None in a request that is only checked.
    """

    action: JobAction
    clip: InputClip | None


@dataclass(frozen=True, slots=True)
class ShotParams:
    """One shot of a storyboard and its length in seconds."""

    prompt: str
    seconds: float


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """A video to create. ``shots`` make it a storyboard.

    It ends on ``last_frame`` and shows what is in ``reference_images``. Parameters that the model's
    engines do not take are dropped and named in ``ignored``, or, if ``strict``, refused.
    ``named`` is kept in :class:`hinode.core.jobs.options.JobOptions`.
    ``watermarked_copy`` requests a second file with the visible mark from engines that draw it.
    """

    prompt: str
    params: GenerationParams
    first_frame: InputImage | None = None
    last_frame: InputImage | None = None
    reference_images: tuple[InputImage, ...] = ()
    idempotency: IdempotencyKey | None = None
    source: JobSource | UploadSource | None = None
    style: Style | None = None
    shots: tuple[ShotParams, ...] = ()
    characters: tuple[UUID, ...] = ()
    callback: Callback | None = None
    watermarked_copy: bool = False
    priority: Priority | None = None
    strict: bool = False
    ignored: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def images(self) -> list[InputImage]:
        """The input images."""
        ends = [one for one in (self.first_frame, self.last_frame) if one is not None]
        return [*ends, *self.reference_images]


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """Images to create, from nothing or from ``references``.

    ``mask`` has the size of the first reference. Its transparent pixels (its white ones, if none
    is transparent) mark the area to change. ``strict``, ``ignored`` and ``named`` are as in
    :class:`VideoRequest`.
    """

    prompt: str
    params: GenerationParams
    references: tuple[InputImage, ...] = ()
    mask: InputImage | None = None
    picture_format: OutputFormat = OutputFormat.PNG
    picture_quality: int = 100
    partials: int = 0
    style: Style | None = None
    idempotency: IdempotencyKey | None = None
    priority: Priority | None = None
    strict: bool = False
    ignored: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
