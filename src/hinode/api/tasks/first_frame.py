"""The first frame of a video: brought in, and held against this dialect's rules.

The rules are the document's: JPEG, PNG or WebP, at most 10 MB, 2:5 to 5:2, short side 300 pixels.
Turning a picture upright changes none of them, so its header is enough.
"""

from __future__ import annotations

from dataclasses import replace

from hinode.api.data_urls import decode_data_url
from hinode.api.tasks.requests import IMAGE_URLS
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.fetch import FetchCode, FetchError, FetchPolicy, fetch
from hinode.media.image_header import read_header, sniff

MOST_BYTES = 10 * 1024 * 1024
LEAST_SIDE = 300
_WIDEST = (5, 2)


async def load_picture(url: str, policy: FetchPolicy) -> bytes:
    """Return the bytes of a picture that obeys the rules. Raises :class:`HinodeError`."""
    scheme = url[:8].lower()
    if scheme.startswith("data:"):
        data = decode_data_url(url, IMAGE_URLS)
    elif scheme.startswith(("https://", "http://")):
        data = await _fetched(url, policy)
    else:
        raise _bad(f"'{IMAGE_URLS}' holds a URL that starts with https://, http:// or data:.")
    check_picture(data)
    return data


def check_picture(data: bytes) -> None:
    """Raise :class:`HinodeError` that names the rule which a picture breaks.

    A damaged picture passes if its header is whole; decoding it finds out.
    """
    if len(data) > MOST_BYTES:
        raise _too_large()
    if sniff(data) is None:
        raise _bad("The image is no JPEG, PNG or WebP file; send one of these.")
    header = read_header(data)
    if header is None:
        raise _bad("The image is damaged or cut off; save it again and send that file.")
    short, long = sorted((header.width, header.height))
    if short < LEAST_SIDE:
        raise _bad(
            f"The image is {header.width}x{header.height} pixels; its short side must have "
            f"{LEAST_SIDE} or more."
        )
    if long * _WIDEST[1] > short * _WIDEST[0]:
        raise _bad(
            f"The image is {header.width}x{header.height} pixels; its ratio of width to height "
            "must be between 2:5 and 5:2."
        )


async def _fetched(url: str, policy: FetchPolicy) -> bytes:
    bounded = replace(policy, max_bytes=min(policy.max_bytes, MOST_BYTES))
    try:
        return (await fetch(url, policy=bounded)).body
    except FetchError as error:
        if error.code is FetchCode.TOO_LARGE and bounded.max_bytes == MOST_BYTES:
            raise _too_large() from error
        raise HinodeError(
            ErrorCode.URL_NOT_ALLOWED, f"'{IMAGE_URLS}': {error.message}", param=IMAGE_URLS
        ) from error


def _too_large() -> HinodeError:
    return _bad("The image has more than 10 MB; send a smaller file.")


def _bad(message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_IMAGE, message, param=IMAGE_URLS)
