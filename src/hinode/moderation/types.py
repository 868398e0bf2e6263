"""The content that is reviewed, the verdicts, and the interface of moderators."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from hinode.media.types import JobAction, MediaKind


class ReviewStage(StrEnum):
    """The moment of a review: before a job is created, after it was rendered, or a test."""

    CREATE = "create"
    RENDER = "render"
    TEST = "test"


class Verdict(StrEnum):
    """The result of a review.

    ``flag`` and ``label`` let the content pass: the job keeps the verdict for operators.
    ``unreviewed``: the moderator failed, and the settings let content pass then.
    """

    ALLOW = "allow"
    FLAG = "flag"
    LABEL = "label"
    BLOCK = "block"
    UNREVIEWED = "unreviewed"


@dataclass(frozen=True, slots=True)
class ReviewedPicture:
    """A picture of a request or of an output: a small JPEG; ``role`` is that of its file."""

    role: str
    output: int
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class ReviewedContent:
    """The content of a request or of the outputs of a job.

    ``texts`` are the prompt and those of a storyboard's shots.
    """

    stage: ReviewStage
    job_id: UUID
    account_id: UUID
    model: str
    kind: MediaKind
    action: JobAction
    texts: tuple[str, ...]
    pictures: tuple[ReviewedPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """A verdict with its reason and labels, which operators read and clients do not."""

    verdict: Verdict
    reason: str = ""
    labels: tuple[str, ...] = ()


class ModerationFailed(Exception):
    """The moderator gave no verdict; the message says why, without content or secret."""


class Moderator(Protocol):
    """A reviewer of content. Packages register one under ``hinode.moderators``."""

    async def review(self, content: ReviewedContent) -> Review:
        """Return the verdict on some content. Raises :class:`ModerationFailed`."""
        ...
