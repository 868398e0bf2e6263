"""The kinds of media that a job renders, the roles of its files, and a rendered file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class MediaKind(StrEnum):
    """The kind of media that a job renders."""

    VIDEO = "video"
    IMAGE = "image"


class JobAction(StrEnum):
    """The action of a job; all but ``create`` start from another video."""

    CREATE = "create"
    REMIX = "remix"
    EDIT = "edit"
    EXTENSION = "extension"


class Style(StrEnum):
    """The ten looks that Sora's own backend knows, by its ids."""

    FESTIVE = "festive"
    KAKALAKA = "kakalaka"
    NEWS = "news"
    SELFIE = "selfie"
    HANDHELD = "handheld"
    GOLDEN = "golden"
    ANIME = "anime"
    RETRO = "retro"
    NOSTALGIC = "nostalgic"
    COMIC = "comic"


class DigitalSourceType(StrEnum):
    """The origin of media made without a camera, in IPTC's words; signed into what is rendered."""

    TRAINED = "trainedAlgorithmicMedia"
    ALGORITHM = "algorithmicMedia"


class OutputFormat(StrEnum):
    """The encoding of a rendered image."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


class ArtifactRole(StrEnum):
    """The purpose of a stored or rendered file.

    ``upload``, ``mask``, ``last_frame``, ``reference`` and ``source`` come from the client: the
    pictures to start from, the part of a picture that may change, the picture that a video ends on,
    pictures of what it shows, a video to start from. ``partial`` is an unfinished picture, shown
    while waiting.
    ``watermarked`` is the copy of a video with the visible mark drawn on every frame.
    """

    UPLOAD = "upload"
    MASK = "mask"
    LAST_FRAME = "last_frame"
    REFERENCE = "reference"
    SOURCE = "source"
    PARTIAL = "partial"
    VIDEO = "video"
    WATERMARKED = "watermarked"
    IMAGE = "image"
    THUMBNAIL = "thumbnail"
    SPRITESHEET = "spritesheet"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One rendered file, in the work folder of its job.

    ``frames`` is 1 for still pictures; ``duration`` is in seconds and 0 for them. ``cost`` is what
    the server that rendered it says that it cost there, in units of its own; None: it says nothing.
    ``credits`` is what the job is to be charged for it, at most its price; None: by the price.
    """

    output: int
    role: ArtifactRole
    path: Path
    content_type: str
    width: int
    height: int
    frames: int = 1
    duration: float = 0.0
    cost: int | None = None
    credits: int | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """One scene of a storyboard and how many frames it lasts."""

    prompt: str
    frames: int
