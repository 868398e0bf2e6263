"""The first frame of a video: fetch and validate its image.

The API's documentation allows JPEG, PNG and WebP of at most 10 MB, with an aspect ratio of 2:5 to
5:2 and at least 300 pixels on the short side. The EXIF orientation affects none of these, so the
header of the file is enough.
"""

from __future__ import annotations

from hinode.api.data_urls import decode_bare_base64, decode_data_url
from hinode.api.image_inputs import ImageBytes, ImageInput, ImageUrl
from hinode.api.input_loader import InputLoader
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.safe_fetch import FetchError, FetchErrorCode
from hinode.kit.spool import Spooled
from hinode.media.image_header import ACCEPTED, read_size, sniff

IMAGE_URLS = "image_urls"
MAX_BYTES = 10 * 1024 * 1024
MIN_SIDE = 300
_MAX_RATIO = (5, 2)


def parse_image(url: str) -> ImageInput:
    """Return the image of a URL. Raises :class:`HinodeError`."""
    scheme = url[:8].lower()
    if scheme.startswith("data:"):
        return ImageBytes(Spooled.of(decode_data_url(url, IMAGE_URLS)), IMAGE_URLS)
    if scheme.startswith(("https://", "http://")):
        return ImageUrl(url, IMAGE_URLS)
    content = decode_bare_base64(url)
    if content is None:
        raise _invalid(f"'{IMAGE_URLS}' must be a URL with https://, http:// or data:, or base64.")
    return ImageBytes(Spooled.of(content), IMAGE_URLS)


async def load_image(loader: InputLoader, image: ImageInput) -> Spooled:
    """Return the content of a valid image. Raises :class:`HinodeError`."""
    try:
        (content,) = await loader.load([image], max_fetched=MAX_BYTES)
    except HinodeError as error:
        raise _phrased(error, loader.context.upload_limit) from error
    check_image(content)
    return content


def check_image(content: Spooled) -> None:
    """Raise :class:`HinodeError` for an image that breaks a rule.

    Only the header is read: a damaged image is found when it is decoded.
    """
    if content.size > MAX_BYTES:
        raise _too_large()
    data = content.read()
    if sniff(data) is None:
        raise _invalid(f"The image is no {ACCEPTED} file; send one of these.")
    header = read_size(data)
    if header is None:
        raise _invalid("The image is damaged or cut off; save it again and send that file.")
    short, long = sorted((header.width, header.height))
    if short < MIN_SIDE:
        raise _invalid(
            f"The image is {header.width}x{header.height} pixels; its short side must have "
            f"{MIN_SIDE} or more."
        )
    if long * _MAX_RATIO[1] > short * _MAX_RATIO[0]:
        raise _invalid(
            f"The image is {header.width}x{header.height} pixels; its ratio of width to height "
            "must be between 2:5 and 5:2."
        )


def _phrased(error: HinodeError, upload_limit: int) -> HinodeError:
    """Return the error of a fetch in this dialect's words."""
    cause = error.__cause__
    if not isinstance(cause, FetchError):
        return error
    if cause.code is FetchErrorCode.TOO_LARGE and upload_limit >= MAX_BYTES:
        return _too_large()
    return HinodeError(error.code, f"'{IMAGE_URLS}': {error.message}", param=IMAGE_URLS)


def _too_large() -> HinodeError:
    return _invalid("The image has more than 10 MB; send a smaller file.")


def _invalid(message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_IMAGE, message, param=IMAGE_URLS)
