"""Validate input images and masks, apply their EXIF orientation, strip metadata and store them."""

from __future__ import annotations

import hashlib
import tempfile
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
from hinode.media.image_check import (
    BadImage,
    ImageInfo,
    ImageLimits,
    normalize_image,
    normalize_mask,
)
from hinode.media.types import ArtifactRole

if TYPE_CHECKING:
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class InputImage:
    """An image from a client: its bytes, role, index among its role, and field of the request."""

    data: bytes
    role: ArtifactRole
    index: int
    param: str


@contextmanager
def stored_images(
    store: ObjectStore, account_id: UUID, job_id: UUID, images: Sequence[InputImage], clock: Clock
) -> Iterator[list[Asset]]:
    """Store images as PNG and yield their assets; delete them again if the block raises.

    Raises :class:`HinodeError` for an invalid image, and for a mask whose size is not that of the
    first image.
    """
    stored: list[Asset] = []
    try:
        for image in images:
            stored.append(_store(store, account_id, job_id, image, clock))
        _check_masks(stored)
        yield stored
    except BaseException:
        store.delete([asset.key for asset in stored])
        raise


def _store(
    store: ObjectStore, account_id: UUID, job_id: UUID, image: InputImage, clock: Clock
) -> Asset:
    key = f"uploads/{job_id.hex}/{image.role.value}-{image.index}.png"
    with tempfile.TemporaryDirectory(prefix="hinode-upload-") as folder:
        path = Path(folder) / "upright.png"
        info = _normalize(image, path)
        store.put_file(key, path, "image/png")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
    return Asset(
        id=new_id(),
        account_id=account_id,
        job_id=job_id,
        output=image.index,
        role=image.role,
        key=key,
        content_type="image/png",
        bytes=size,
        digest=digest,
        width=info.width,
        height=info.height,
        frames=1,
        duration=0.0,
        created_at=clock.now(),
    )


def _check_masks(stored: Sequence[Asset]) -> None:
    images = [asset for asset in stored if asset.role is ArtifactRole.UPLOAD]
    for mask in (asset for asset in stored if asset.role is ArtifactRole.MASK):
        first = images[0]
        if (mask.width, mask.height) != (first.width, first.height):
            raise HinodeError(
                ErrorCode.INVALID_IMAGE,
                f"The mask is {mask.width}x{mask.height} pixels, the first image "
                f"{first.width}x{first.height}; both must have the same size.",
                param="mask",
                hint="Scale the mask to the size of the image.",
            )


def _normalize(image: InputImage, path: Path) -> ImageInfo:
    normalize = normalize_mask if image.role is ArtifactRole.MASK else normalize_image
    try:
        return normalize(image.data, path, ImageLimits())
    except BadImage as error:
        raise HinodeError(ErrorCode.INVALID_IMAGE, str(error), param=image.param) from error
