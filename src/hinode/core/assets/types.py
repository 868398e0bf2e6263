"""Stored files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hinode.media.types import ArtifactRole

INPUTS = frozenset({ArtifactRole.UPLOAD, ArtifactRole.MASK, ArtifactRole.SOURCE})
"""Roles of files that came with a request; the others were rendered."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A stored file of an account.

    ``output`` is its place among the job's outputs (or inputs), from 0; ``bytes`` its length;
    ``digest`` the SHA-256 of its content in hexadecimal; ``duration`` in seconds, 0 for pictures.
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
