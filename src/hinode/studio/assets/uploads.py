"""Input pictures and masks: checked, set upright, stripped of metadata, stored with their job."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.kinds import ArtifactRole
from hinode.media.validate import (
    BadImage,
    ImageInfo,
    ImageLimits,
    normalize_image,
    normalize_mask,
)
from hinode.studio.assets.types import Asset
from hinode.studio.errors import ErrorCode, StudioError

if TYPE_CHECKING:
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture from a client: its bytes, what it is for, and the field that it came in."""

    data: bytes
    role: ArtifactRole
    place: int
    param: str


@contextmanager
def kept_pictures(
    store: ObjectStore, account_id: UUID, job_id: UUID, pictures: Sequence[Picture], clock: Clock
) -> Iterator[list[Asset]]:
    """Store pictures as PNG for the length of the block; they stay only if it succeeds.

    Raises :class:`StudioError` for a picture that is unusable, and for a mask that has not the
    size of the first picture.
    """
    kept: list[Asset] = []
    try:
        for picture in pictures:
            kept.append(_keep(store, account_id, job_id, picture, clock))
        _check_masks(kept)
        yield kept
    except BaseException:
        store.delete([asset.key for asset in kept])
        raise


def _keep(
    store: ObjectStore, account_id: UUID, job_id: UUID, picture: Picture, clock: Clock
) -> Asset:
    key = f"uploads/{job_id.hex}/{picture.role.value}-{picture.place}.png"
    with tempfile.TemporaryDirectory(prefix="hinode-upload-") as folder:
        path = Path(folder) / "upright.png"
        info = _upright(picture, path)
        store.put_file(key, path, "image/png")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
    return Asset(
        id=new_id(),
        account_id=account_id,
        job_id=job_id,
        output=picture.place,
        role=picture.role,
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


def _check_masks(kept: Sequence[Asset]) -> None:
    pictures = [asset for asset in kept if asset.role is ArtifactRole.UPLOAD]
    for mask in (asset for asset in kept if asset.role is ArtifactRole.MASK):
        first = pictures[0]
        if (mask.width, mask.height) != (first.width, first.height):
            raise StudioError(
                ErrorCode.INVALID_IMAGE,
                f"The mask is {mask.width}x{mask.height} pixels, the first picture "
                f"{first.width}x{first.height}; both must have the same size.",
                param="mask",
            )


def _upright(picture: Picture, path: Path) -> ImageInfo:
    normalize = normalize_mask if picture.role is ArtifactRole.MASK else normalize_image
    try:
        return normalize(picture.data, path, ImageLimits())
    except BadImage as error:
        raise StudioError(ErrorCode.INVALID_IMAGE, str(error), param=picture.param) from error
