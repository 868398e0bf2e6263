"""Which URLs may receive what we send: checked when they are named, and again at each try."""

from __future__ import annotations

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.text_checks import check_storable
from hinode.kit.addresses import AllowList
from hinode.kit.fetch import FetchError
from hinode.kit.post import check_target

LONGEST_URL = 2048


def checked_url(url: str, allow: AllowList, param: str) -> str:
    """Return the URL unchanged. Raises :class:`HinodeError` when nothing may be sent to it."""
    check_storable(url, param)
    if len(url) > LONGEST_URL:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'{param}' has at most {LONGEST_URL} characters.",
            param=param,
        )
    try:
        check_target(url, allow)
    except FetchError as error:
        raise HinodeError(
            ErrorCode.INVALID_VALUE, f"'{param}' is refused: {error.message}", param=param
        ) from error
    return url
