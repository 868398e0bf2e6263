"""``data:`` URLs in request bodies (RFC 2397, base64 only)."""

from __future__ import annotations

import base64
import binascii

from hinode.core.errors import ErrorCode, HinodeError


def decode_data_url(text: str, name: str) -> bytes:
    """Return the bytes of ``data:image/png;base64,…``; its media type is ignored.

    Raises :class:`HinodeError` with ``name`` as the ``param`` for anything but valid base64.
    """
    head, comma, payload = text.partition(",")
    if not comma or not head.lower().endswith(";base64"):
        raise _bad("A data URL must be base64: 'data:image/png;base64,…'.", name)
    try:
        return base64.b64decode("".join(payload.split()), validate=True)
    except (binascii.Error, ValueError):
        raise _bad("The data URL is not valid base64.", name) from None


def _bad(message: str, name: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=name)
