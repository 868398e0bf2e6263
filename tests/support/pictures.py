"""Small real pictures for tests."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

from PIL import Image

from hinode.core.assets.input_images import InputImage
from hinode.kit.spool import Spooled
from hinode.media.image_check import ImageLimits, normalize_image, normalize_mask
from hinode.media.types import ArtifactRole


def png_bytes(width: int, height: int, colour: tuple[int, int, int] = (200, 80, 40)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


def noisy_png(width: int, height: int) -> bytes:
    """A PNG of about a byte per pixel."""
    buffer = io.BytesIO()
    Image.effect_noise((width, height), 80).save(buffer, "PNG")
    return buffer.getvalue()


def claiming_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims a size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IEND", b"")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def input_image(
    folder: Path, data: bytes, role: ArtifactRole = ArtifactRole.UPLOAD, index: int = 0
) -> InputImage:
    """A picture as the loader of inputs gives it to the core."""
    path = folder / f"{role.value}-{index}.png"
    source = Spooled.of(data)
    normalize = normalize_mask if role is ArtifactRole.MASK else normalize_image
    info = normalize(source.path, path, ImageLimits())
    return InputImage(path, info.width, info.height, role, index)
