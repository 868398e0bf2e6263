"""Portraits of characters from untrusted pictures: upright, square, small, as WebP."""

from __future__ import annotations

from pathlib import Path

from hinode.media.image_check import ImageInfo, ImageLimits, normalize_image
from hinode.media.image_files import WEBP_QUALITY, cover_fit

CHARACTER_IMAGE_SIDE = 512
"""Width and height of a portrait in pixels."""


def write_character_image(picture: Path, path: Path) -> ImageInfo:
    """Write the centre square of a picture to ``path``; keep a temporary copy beside it.

    Return what the picture is. Raises :class:`hinode.media.image_check.BadImage`. Takes CPU time.
    """
    from PIL import Image

    upright = path.with_suffix(".png")
    info = normalize_image(picture, upright, ImageLimits())
    with Image.open(upright, formats=["PNG"]) as image:
        square = cover_fit(image, CHARACTER_IMAGE_SIDE, CHARACTER_IMAGE_SIDE)
    upright.unlink()
    square.save(path, "WEBP", quality=WEBP_QUALITY)
    return info
