"""Input pictures: checked, set upright, stripped of metadata, and stored."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.kinds import ArtifactRole
from hinode.media.validate import BadImage, ImageLimits, normalize_image
from hinode.studio.assets.types import Asset
from hinode.studio.errors import ErrorCode, StudioError

if TYPE_CHECKING:
    from hinode.storage.store import ObjectStore


def store_first_frame(
    store: ObjectStore, account_id: UUID, job_id: UUID, image: bytes, clock: Clock
) -> Asset:
    """Check a picture and store it as PNG. Raises :class:`StudioError` when it is unusable."""
    try:
        with tempfile.TemporaryDirectory(prefix="hinode-upload-") as folder:
            path = Path(folder) / "first-frame.png"
            info = normalize_image(image, path, ImageLimits())
            size, digest = path.stat().st_size, _digest(path)
            key = f"uploads/{job_id.hex}/first-frame.png"
            store.put_file(key, path, "image/png")
    except BadImage as error:
        raise StudioError(ErrorCode.INVALID_IMAGE, str(error), param="input_reference") from error
    return Asset(
        id=new_id(),
        account_id=account_id,
        job_id=job_id,
        output=0,
        role=ArtifactRole.UPLOAD,
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


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
