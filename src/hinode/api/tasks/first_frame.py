"""The first frame of a video: its image, loaded and checked.

The document's rules: JPEG, PNG or WebP, at most 10 MB, 2:5 to 5:2, short side 300 pixels.
Turning an image upright changes none of these, so its header is enough.
"""

from __future__ import annotations

from dataclasses import replace

from hinode.api.data_urls import decode_data_url
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.safe_fetch import FetchError, FetchErrorCode, FetchPolicy, fetch
from hinode.media.image_header import read_header, sniff

IMAGE_URLS = "image_urls"
MAX_BYTES = 10 * 1024 * 1024
MIN_SIDE = 300
_MAX_RATIO = (5, 2)


async def load_image(url: str, policy: FetchPolicy) -> bytes:
    """Return the bytes of an image that keeps the rules. Raises :class:`HinodeError`."""
    scheme = url[:8].lower()
    if scheme.startswith("data:"):
        data = decode_data_url(url, IMAGE_URLS)
    elif scheme.startswith(("https://", "http://")):
        data = await _fetched(url, policy)
    else:
        raise _invalid(f"'{IMAGE_URLS}' holds a URL that starts with https://, http:// or data:.")
    check_image(data)
    return data


def check_image(data: bytes) -> None:
    """Raise :class:`HinodeError` that names the rule which an image breaks.

    A damaged image passes if its header is whole; decoding finds it out.
    """
    if len(data) > MAX_BYTES:
        raise _too_large()
    if sniff(data) is None:
        raise _invalid("The image is no JPEG, PNG or WebP file; send one of these.")
    header = read_header(data)
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


async def _fetched(url: str, policy: FetchPolicy) -> bytes:
    bounded = replace(policy, max_bytes=min(policy.max_bytes, MAX_BYTES))
    try:
        return (await fetch(url, policy=bounded)).body
    except FetchError as error:
        if error.code is FetchErrorCode.TOO_LARGE and bounded.max_bytes == MAX_BYTES:
            raise _too_large() from error
        raise HinodeError(
            ErrorCode.URL_NOT_ALLOWED, f"'{IMAGE_URLS}': {error.message}", param=IMAGE_URLS
        ) from error


def _too_large() -> HinodeError:
    return _invalid("The image has more than 10 MB; send a smaller file.")


def _invalid(message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_IMAGE, message, param=IMAGE_URLS)
