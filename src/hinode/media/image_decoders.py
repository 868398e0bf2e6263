"""The decoder of each image format, and what it needs to read files as programs write them."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import AvifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.ImageFile import ImageFile

from hinode.media.colour_codes import is_above_profile, profile_of_codes
from hinode.media.image_header import ImageFormat

DECODERS: dict[ImageFormat, Callable[[io.BytesIO], ImageFile]] = {
    ImageFormat.JPEG: JpegImagePlugin.JpegImageFile,
    ImageFormat.PNG: PngImagePlugin.PngImageFile,
    ImageFormat.WEBP: WebPImagePlugin.WebPImageFile,
}
"""What this installation reads. Threads would take address space from the limit of a process."""

if AvifImagePlugin.SUPPORTED:
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    DECODERS[ImageFormat.AVIF] = AvifImagePlugin.AvifImageFile

try:
    import pillow_heif
except ImportError:
    pass
else:
    pillow_heif.options.DECODE_THREADS = 1
    DECODERS[ImageFormat.HEIC] = pillow_heif.HeifImageFile

# Programs for making pictures keep whole workflows in a PNG's text.
PngImagePlugin.MAX_TEXT_CHUNK = 16 * 2**20

_PROFILE = "icc_profile"
_WITH_CODES = (ImageFormat.PNG, ImageFormat.AVIF, ImageFormat.HEIC)
_JPEG_END = b"\xff\xd9"
_FILLING = b"\x55\x66" * 100
"""Short codes of common tables, not that of an empty block."""


class DecoderMissing(Exception):
    """This installation has no decoder for a format."""


def open_picture(form: ImageFormat, content: bytes) -> ImageFile:
    """Open with the decoder of a format, never with another one.

    Raises :class:`DecoderMissing`, and anything for broken content.
    """
    decoder = DECODERS.get(form)
    if decoder is None:
        raise DecoderMissing(form)
    image = decoder(io.BytesIO(content))
    if form in _WITH_CODES and (is_above_profile(form) or _PROFILE not in image.info):
        profile = profile_of_codes(form, content)
        if profile is not None:
            image.info[_PROFILE] = profile
    return image


def complete_jpeg(content: bytes) -> bytes:
    """Return a JPEG that lacks only its end marker with one.

    Raises ``ValueError`` when more is missing, and anything for broken content. Where all pixels
    are there, bytes between them and the end change none; at most a block's last detail may go.
    """
    whole, filled = content + _JPEG_END, content + _FILLING + _JPEG_END
    if _pixels(whole) != _pixels(filled):
        raise ValueError("the JPEG lacks pixels")
    return whole


def _pixels(content: bytes) -> bytes:
    with JpegImagePlugin.JpegImageFile(io.BytesIO(content)) as image:
        return image.tobytes()
