"""Base64 in request bodies: ``data:`` URLs (RFC 2397, base64 only), and files without one."""

from __future__ import annotations

import base64
import binascii

from hinode.core.errors import ErrorCode, HinodeError

_SHORTEST = 64
_STANDARD = str.maketrans("-_", "+/")


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


def decode_bare_base64(text: str) -> bytes | None:
    """Return the bytes of a file in base64, standard or URL-safe, padded or not; None for a word.

    No picture is shorter than ``_SHORTEST``.
    """
    payload = "".join(text.split()).translate(_STANDARD).rstrip("=")
    if len(payload) < _SHORTEST:
        return None
    try:
        return base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _bad(message: str, name: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=name)
