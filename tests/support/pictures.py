"""Small real pictures for tests."""

from __future__ import annotations

import io

from PIL import Image


def png_bytes(width: int, height: int, colour: tuple[int, int, int] = (200, 80, 40)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()
