"""Validate URLs of receivers; each attempt checks the address again, because DNS may change."""

from __future__ import annotations

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.text_checks import check_storable
from hinode.kit.addresses import AllowList
from hinode.kit.safe_fetch import FetchError
from hinode.kit.safe_post import check_target

MAX_URL_LENGTH = 2048


def check_receiver_url(url: str, allow: AllowList, param: str) -> str:
    """Return the URL unchanged.

    Raises :class:`HinodeError` when it is too long, malformed, or its host may not be requested.
    """
    check_storable(url, param)
    if len(url) > MAX_URL_LENGTH:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'{param}' has {len(url)} characters; the maximum is {MAX_URL_LENGTH}.",
            param=param,
        )
    try:
        check_target(url, allow)
    except FetchError as error:
        raise HinodeError(
            ErrorCode.INVALID_VALUE, f"'{param}' is not allowed: {error.message}", param=param
        ) from error
    return url
