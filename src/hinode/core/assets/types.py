"""Types of assets, the stored files of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hinode.media.types import ArtifactRole

INPUTS = frozenset(
    {
        ArtifactRole.UPLOAD,
        ArtifactRole.MASK,
        ArtifactRole.LAST_FRAME,
        ArtifactRole.REFERENCE,
        ArtifactRole.SOURCE,
    }
)
"""Roles of input files; files of other roles were rendered."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A stored file of an account.

    ``output`` is its index among the outputs (or inputs) of the job, from 0; ``key`` its storage
    key; ``bytes`` its length; ``digest`` the SHA-256 of its content in hexadecimal; ``duration`` is
    in seconds, 0 for images.
    """

    id: UUID
    account_id: UUID
    job_id: UUID
    output: int
    role: ArtifactRole
    key: str
    content_type: str
    bytes: int
    digest: str
    width: int
    height: int
    frames: int
    duration: float
    created_at: datetime
