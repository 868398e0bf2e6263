"""Pictures of an upstream: decoded elsewhere, and saved as the request asks for them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PIL import Image

from hinode.engines.base import Artifact, ArtifactRole, RenderSpec
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.media.decoding.decoder import PICTURE_SECONDS, PICTURES
from hinode.media.decoding.process import decode_async
from hinode.media.decoding.protocol import DecodingDied, Rejected
from hinode.media.image_files import save_image, save_thumbnail


async def image_artifacts(
    path: Path, output: int, folder: Path, spec: RenderSpec
) -> list[Artifact]:
    """Check a downloaded picture and return its artifacts: itself as asked for, a thumbnail.

    An untrusted file is never opened in the server itself. Raises :class:`UpstreamError`.
    """
    plain = folder / f"plain-{output}.png"
    request = {
        "verb": "image", "path": str(path), "target": str(plain), "seconds": PICTURE_SECONDS,
    }  # fmt: skip
    try:
        await decode_async(PICTURES, request)
    except (Rejected, DecodingDied) as error:
        raise UpstreamError(
            FailureKind.BAD_RESULT, "The file is not a picture that can be decoded."
        ) from error
    return await asyncio.to_thread(_saved, plain, output, folder, spec)


def _saved(plain: Path, output: int, folder: Path, spec: RenderSpec) -> list[Artifact]:
    form = spec.picture_format
    path, small = folder / f"image-{output}.{form.value}", folder / f"thumbnail-{output}.webp"
    with Image.open(plain, formats=("PNG",)) as image:
        picture = image.convert("RGB")
    save_image(picture, path, form, spec.picture_quality, {})
    thumbnail = save_thumbnail(picture, small)
    return [
        Artifact(output, ArtifactRole.IMAGE, path, f"image/{form.value}", *picture.size),
        Artifact(output, ArtifactRole.THUMBNAIL, small, "image/webp", *thumbnail),
    ]
