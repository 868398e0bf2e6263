"""Validate URLs of receivers; each attempt checks the address again, because DNS may change."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.text_checks import check_storable
from hinode.kit.addresses import AllowList
from hinode.kit.safe_fetch import FetchError
from hinode.kit.safe_post import check_target

MAX_URL_LENGTH = 2048
MAX_CREDENTIALS_LENGTH = 500
# As far as the last @ before the path: an unencoded one can stand in a password.
_WITH_CREDENTIALS = re.compile(r"(https?://)([^/?#\\\s]*)@([^\\\s]*)", re.IGNORECASE)


def split_credentials(url: str) -> tuple[str, str | None]:
    """Return a URL without its user and password, and the ``Authorization`` header of these.

    None without them. What is no such URL is returned whole, for the check to refuse.
    """
    found = _WITH_CREDENTIALS.fullmatch(url)
    if found is None or len(found[2]) > MAX_CREDENTIALS_LENGTH:
        return url, None
    user, _, password = found[2].partition(":")
    # Half a surrogate pair has no UTF-8.
    pair = f"{unquote(user)}:{unquote(password)}".encode("utf-8", "replace")
    return found[1] + found[3], f"Basic {base64.b64encode(pair).decode()}"


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
