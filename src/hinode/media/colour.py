"""Colours by a picture's own profile (ICC.1): converted to sRGB, which all else here assumes."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageCms

_EXACT = 2
"""Of 255: what two profiles of the same space may differ by rounding."""

_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION
_MODES = {"RGB": "RGB", "CMYK": "CMYK", "GRAY": "L"}
"""The mode that a picture must have for a profile of this space."""


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a copy of a picture without transparency (L, RGB or CMYK) as RGB in sRGB.

    A picture without a profile is taken for sRGB, and so is one whose profile is broken or is
    meant for other kinds of pixels.
    """
    transform = _transform(image.mode, profile) if profile else None
    converted = transform.apply(image) if transform else image.convert("RGB")
    converted.info.clear()
    return converted


def _transform(mode: str, profile: bytes) -> ImageCms.ImageCmsTransform | None:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if _MODES.get(source.profile.xcolor_space.strip()) != mode:
            return None
        srgb = ImageCms.createProfile("sRGB")
        built = ImageCms.buildTransform(source, srgb, mode, "RGB", _INTENT, _FLAGS)
        return None if mode == "RGB" and _changes_nothing(built) else built
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Return whether colours stay as they are: then the pixels had better stay exactly so."""
    colours = bytes(part for number in range(4096) for part in _colour(number))
    sample = Image.frombytes("RGB", (64, 64), colours)
    return max(ImageChops.difference(sample, transform.apply(sample)).tobytes()) <= _EXACT


def _colour(number: int) -> tuple[int, int, int]:
    return (number >> 8) * 17, (number >> 4 & 15) * 17, (number & 15) * 17
