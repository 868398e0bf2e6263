"""In a decoding process: checks a client's picture, and writes what is made of it."""

from __future__ import annotations

from pathlib import Path

# Loaded here, once, and not after the fork that each picture is decoded in.
from PIL import ImageOps  # noqa: F401

from hinode.media import colour, image_decoders  # noqa: F401
from hinode.media.character_image import write_character_image
from hinode.media.decoding.protocol import Rejected, Reply, Request
from hinode.media.image_check import (
    BadImage,
    BadImageCode,
    ImageInfo,
    ImageLimits,
    check_image,
    normalize_image,
    normalize_mask,
)

MEMORY_BYTES = 2**30


def run(request: Request) -> Reply:
    """Work on one picture. Raises :class:`Rejected`."""
    try:
        found = _run(request["verb"], Path(request["path"]), Path(request["target"]))
    except BadImage as error:
        raise Rejected(error.message, error.code) from error
    except MemoryError as error:
        message = "Decoding the image takes too much memory; save it again in a simpler form."
        raise Rejected(message, BadImageCode.TOO_COMPLEX) from error
    return {"format": found.format, "width": found.width, "height": found.height}


def _run(verb: str, path: Path, target: Path) -> ImageInfo:
    match verb:
        case "image":
            return normalize_image(path, target, ImageLimits())
        case "mask":
            return normalize_mask(path, target, ImageLimits())
        case "portrait":
            write_character_image(path, target)
    return check_image(path, ImageLimits())
