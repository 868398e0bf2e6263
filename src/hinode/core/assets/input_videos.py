"""Store validated input videos, unchanged, with their job."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.assets.types import Asset
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.clip_check import ClipInfo
from hinode.media.types import ArtifactRole

if TYPE_CHECKING:
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class InputClip:
    """A validated video in a temporary file."""

    path: Path
    facts: ClipInfo


@contextmanager
def stored_clip(
    store: ObjectStore, account_id: UUID, job_id: UUID, clip: InputClip, clock: Clock
) -> Iterator[list[Asset]]:
    """Store a clip and yield its asset; delete it again if the block raises."""
    key = f"uploads/{job_id.hex}/source.{clip.facts.container.suffix}"
    store.put_file(key, clip.path, clip.facts.container.content_type)
    try:
        yield [_asset(account_id, job_id, key, clip, clock)]
    except BaseException:
        store.delete([key])
        raise


def _asset(account_id: UUID, job_id: UUID, key: str, clip: InputClip, clock: Clock) -> Asset:
    with clip.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Asset(
        id=new_id(),
        account_id=account_id,
        job_id=job_id,
        output=0,
        role=ArtifactRole.SOURCE,
        key=key,
        content_type=clip.facts.container.content_type,
        bytes=clip.path.stat().st_size,
        digest=digest,
        width=clip.facts.width,
        height=clip.facts.height,
        # Not counted: that would decode the whole clip, and inputs are not charged.
        frames=0,
        duration=clip.facts.seconds,
        created_at=clock.now(),
    )
