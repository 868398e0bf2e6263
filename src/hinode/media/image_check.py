"""Check that bytes from a user are an image that is safe to decode; write an upright copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from hinode.media.image_header import ACCEPTED, ImageFormat, ImageHeader, read_header, sniff

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

# Progressive JPEGs have about ten scans; each costs one pass over the whole picture.
MAX_JPEG_SCANS = 100
_ORIENTATION_TAG = 0x0112
_BACKGROUND = "white"
_OPAQUE = 255
_PROFILE = "icc_profile"
_WITH_PROFILE = ("RGB", "L", "CMYK")
_JPEGS = ("JPEG", "MPO")
_TURNED_BY_DECODER = (ImageFormat.HEIC, ImageFormat.AVIF)


class BadImageCode(StrEnum):
    """The rule that an image breaks; the values are stable."""

    EMPTY = "empty"
    TOO_MANY_BYTES = "too_many_bytes"
    NOT_AN_IMAGE = "not_an_image"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_COMPLEX = "too_complex"
    BROKEN = "broken"
    NO_DECODER = "no_decoder"


class BadImage(Exception):
    """The bytes are rejected; the message names the rule and the remedy."""

    def __init__(self, code: BadImageCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Bounds for an image: bytes of file, pixels in all, pixels along one side.

    Decoding takes about four bytes of memory per pixel, one at most for JPEG.
    """

    max_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 25_000_000
    max_side: int = 16_383


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """A checked image; ``width`` and ``height`` are pixels as a viewer shows it, upright."""

    format: ImageFormat
    width: int
    height: int


def check_image(data: bytes | Path, limits: ImageLimits) -> ImageInfo:
    """Check size, magic bytes, header, and that the (first) picture decodes to its end.

    File names and declared types are ignored: they prove nothing. Raises :class:`BadImage`,
    and :class:`OSError` when a path cannot be read. Takes CPU time: call it in a worker thread.
    """
    content = _content(data, limits.max_bytes)
    image, header = _opened(content, limits)
    if header.format is ImageFormat.JPEG:
        # Reads every coefficient as a full decode does, for a 64th of the memory.
        image.draft("RGB", (1, 1))
    return _upright_info(header, _orientation(_loaded(image, content)))


def normalize_image(data: bytes | Path, out_path: Path, limits: ImageLimits) -> ImageInfo:
    """Write the (first) picture upright as an RGB PNG without metadata, transparency on white.

    Checks it as :func:`check_image` does, and raises the same.
    """
    return _rewrite(data, out_path, limits, _rgb)


def normalize_mask(data: bytes | Path, out_path: Path, limits: ImageLimits) -> ImageInfo:
    """Write a mask upright as an 8-bit grey PNG: white where a picture may change, black elsewhere.

    A mask may change what is transparent in it, as OpenAI's images API has it; in a mask without
    anything transparent what is white, as programs for inpainting draw it. Checks it as
    :func:`check_image` does, and raises the same.
    """
    return _rewrite(data, out_path, limits, _changeable)


def _rewrite(
    data: bytes | Path, out_path: Path, limits: ImageLimits, convert: Callable[[Image], Image]
) -> ImageInfo:
    content = _content(data, limits.max_bytes)
    opened, header = _opened(content, limits)
    image = _loaded(opened, content)
    orientation = _orientation(image)
    _upright(convert(image), orientation).save(out_path, "PNG", compress_level=1)
    return _upright_info(header, orientation)


def _content(data: bytes | Path, max_bytes: int) -> bytes:
    size = data.stat().st_size if isinstance(data, Path) else len(data)
    if size == 0:
        raise BadImage(BadImageCode.EMPTY, f"The image is empty; send a {ACCEPTED} file.")
    if size > max_bytes:
        raise BadImage(
            BadImageCode.TOO_MANY_BYTES,
            f"The image has {size} bytes; at most {max_bytes} are accepted.",
        )
    return data.read_bytes() if isinstance(data, Path) else data


def _checked_header(content: bytes, limits: ImageLimits) -> ImageHeader:
    if sniff(content) is None:
        raise BadImage(
            BadImageCode.NOT_AN_IMAGE,
            f"The file is not a {ACCEPTED} image, whatever its name says; send one of these.",
        )
    header = read_header(content)
    if header is None:
        raise _broken()
    _check_size(header.width, header.height, limits)
    if header.scans > MAX_JPEG_SCANS:
        raise BadImage(
            BadImageCode.TOO_COMPLEX,
            f"The JPEG has {header.scans} scans, at most {MAX_JPEG_SCANS} are accepted; save it "
            "again as a baseline JPEG.",
        )
    return header


def _check_size(width: int, height: int, limits: ImageLimits) -> None:
    if width < 1 or height < 1:
        raise _broken()
    if width * height > limits.max_pixels or max(width, height) > limits.max_side:
        raise BadImage(
            BadImageCode.TOO_MANY_PIXELS,
            f"The image is {width}x{height} pixels; at most {limits.max_pixels} pixels in all and "
            f"{limits.max_side} along a side are accepted. Scale it down.",
        )


def _opened(content: bytes, limits: ImageLimits) -> tuple[ImageFile, ImageHeader]:
    """Open with the decoder of the magic bytes, never with another one."""
    from hinode.media.image_decoders import DecoderMissing, open_picture

    header = _checked_header(content, limits)
    try:
        image = open_picture(header.format, content)
    except DecoderMissing:
        raise _no_decoder(header.format) from None
    except Exception:  # decoders of invalid bytes raise anything, even IndexError
        raise _broken() from None
    # A second header may contradict the one that was checked; boxes may crop and turn.
    if header.format in _TURNED_BY_DECODER:
        _check_size(*image.size, limits)
    elif image.size != (header.width, header.height):
        raise _broken()
    return image, replace(header, width=image.width, height=image.height)


def _loaded(image: ImageFile, content: bytes) -> ImageFile:
    """Decode; a JPEG that lacks nothing but its end is opened anew."""
    from hinode.media.image_decoders import complete_jpeg, open_picture

    try:
        image.load()
        return image
    except Exception:  # see _opened
        if image.format not in _JPEGS:
            raise _broken() from None
    try:
        whole = complete_jpeg(content)
        image = open_picture(ImageFormat.JPEG, whole)
        image.load()
    except Exception:
        raise _broken() from None
    return image


def _broken() -> BadImage:
    return BadImage(
        BadImageCode.BROKEN,
        "The image is damaged or cut off; open it in a viewer, save it again and send that file.",
    )


def _no_decoder(form: ImageFormat) -> BadImage:
    return BadImage(
        BadImageCode.NO_DECODER,
        f"This server cannot read {form.upper()} images; send a JPEG, PNG or WebP file.",
    )


def _orientation(image: Image) -> int:
    """Return the EXIF orientation, 1 (upright) to 8 (CIPA DC-008 §4.6.4); 1 if invalid."""
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:  # unreadable metadata does not make the picture invalid
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright_info(header: ImageHeader, orientation: int) -> ImageInfo:
    width, height = header.width, header.height
    if orientation >= 5:
        width, height = height, width
    return ImageInfo(header.format, width, height)


def _upright(image: Image, orientation: int) -> Image:
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image


def _changeable(image: Image) -> Image:
    from PIL import ImageOps

    if image.has_transparency_data:
        alpha = image.convert("RGBA").getchannel("A")
        if alpha.histogram()[_OPAQUE] < alpha.width * alpha.height:
            return ImageOps.invert(alpha)
    image.info.pop(_PROFILE, None)  # of a mask white and black count, not colours
    return _rgb(image).convert("L")


def _rgb(image: Image) -> Image:
    """Return a copy in sRGB without metadata (profiles and the like would be saved along)."""
    from PIL import Image as Images

    from hinode.media.colour import to_srgb

    profile = image.info.get(_PROFILE)
    if image.mode.startswith("I"):
        # 16-bit grey: Pillow's own conversion clips everything over 255 to white.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if not image.has_transparency_data:
        return to_srgb(image if image.mode in _WITH_PROFILE else image.convert("RGB"), profile)
    opaque = to_srgb(image.convert("L" if image.mode == "LA" else "RGB"), profile)
    copy = Images.new("RGB", opaque.size, _BACKGROUND)
    copy.paste(opaque, mask=image.convert("RGBA").getchannel("A"))
    return copy
