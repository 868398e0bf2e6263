"""Store decoded input images and masks with their job."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.assets.types import Asset
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.types import ArtifactRole

if TYPE_CHECKING:
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class InputImage:
    """A client's decoded image, a PNG without metadata, its role, and its index among that role."""

    path: Path
    width: int
    height: int
    role: ArtifactRole = ArtifactRole.UPLOAD
    index: int = 0


@contextmanager
def stored_images(
    store: ObjectStore, account_id: UUID, job_id: UUID, images: Sequence[InputImage], clock: Clock
) -> Iterator[list[Asset]]:
    """Store images and yield their assets; delete them again if the block raises.

    Raises :class:`HinodeError` for a mask whose size is not that of the first image.
    """
    _check_masks(images)
    stored: list[Asset] = []
    try:
        for image in images:
            stored.append(_store(store, account_id, job_id, image, clock))
        yield stored
    except BaseException:
        store.delete([asset.key for asset in stored])
        raise


def _store(
    store: ObjectStore, account_id: UUID, job_id: UUID, image: InputImage, clock: Clock
) -> Asset:
    key = f"uploads/{job_id.hex}/{image.role.value}-{image.index}.png"
    store.put_file(key, image.path, "image/png")
    with image.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Asset(
        id=new_id(),
        account_id=account_id,
        job_id=job_id,
        output=image.index,
        role=image.role,
        key=key,
        content_type="image/png",
        bytes=image.path.stat().st_size,
        digest=digest,
        width=image.width,
        height=image.height,
        frames=1,
        duration=0.0,
        created_at=clock.now(),
    )


def _check_masks(images: Sequence[InputImage]) -> None:
    uploads = [one for one in images if one.role is ArtifactRole.UPLOAD]
    for mask in (one for one in images if one.role is ArtifactRole.MASK):
        first = uploads[0]
        if (mask.width, mask.height) != (first.width, first.height):
            raise HinodeError(
                ErrorCode.INVALID_IMAGE,
                f"The mask is {mask.width}x{mask.height} pixels, the first image "
                f"{first.width}x{first.height}; both must have the same size.",
                param="mask",
                hint="Scale the mask to the size of the image.",
            )
