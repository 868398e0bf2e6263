"""Pictures that come inside of a request's JSON, as ``data:`` URLs (RFC 2397, base64 only)."""

from __future__ import annotations

import base64
import binascii

from hinode.core.errors import ErrorCode, HinodeError


def decode_data_url(text: str, name: str) -> bytes:
    """Decode ``data:image/png;base64,…``; the type that it claims is not looked at.

    Raises :class:`HinodeError` that blames the field ``name``.
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
