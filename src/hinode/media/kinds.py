"""The kinds of media that a job renders, the roles of its files, and a rendered file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class MediaKind(StrEnum):
    """What a job renders."""

    VIDEO = "video"
    IMAGE = "image"


class ArtifactRole(StrEnum):
    """What a stored or rendered file is for."""

    UPLOAD = "upload"
    VIDEO = "video"
    IMAGE = "image"
    THUMBNAIL = "thumbnail"
    SPRITESHEET = "spritesheet"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One rendered file, in the work folder of its job.

    ``frames`` is 1 for still pictures; ``duration`` is in seconds and 0 for them.
    """

    output: int
    role: ArtifactRole
    path: Path
    content_type: str
    width: int
    height: int
    frames: int = 1
    duration: float = 0.0
