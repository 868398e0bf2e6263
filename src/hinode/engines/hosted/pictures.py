"""Pictures of a job as ``data:`` URLs within the limits of a provider."""

from __future__ import annotations

import base64
import io
import math
from pathlib import Path

from PIL import Image

from hinode.media.image_files import cover_fit

MAX_IMAGE_BYTES = 10 * 1024 * 1024
_MIN_SIDE = 300
_QUALITIES = (92, 80, 60)


def data_url(picture: Path, width: int, height: int, max_bytes: int = MAX_IMAGE_BYTES) -> str:
    """Return a picture, scaled and cropped around its centre to the shape of a video.

    A video whose short side has fewer than 300 pixels gets a picture that is larger than itself,
    since no provider takes less. PNG, or JPEG where that would be more than ``max_bytes``. The same
    picture gives the same URL.
    """
    scale = max(1, math.ceil(_MIN_SIDE / min(width, height)))
    with Image.open(picture) as image:
        fitted = cover_fit(image, width * scale, height * scale)
    kind, data = "png", _png(fitted)
    for quality in _QUALITIES:
        if len(data) <= max_bytes:
            break
        kind, data = "jpeg", _jpeg(fitted, quality)
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _png(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG", compress_level=3)
    return data.getvalue()


def _jpeg(image: Image.Image, quality: int) -> bytes:
    data = io.BytesIO()
    image.save(data, "JPEG", quality=quality)
    return data.getvalue()
