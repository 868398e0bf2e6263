"""Where dialects with API keys carry them."""

from __future__ import annotations

from starlette.requests import Request

_SCHEME = "bearer "


def secret_of(request: Request) -> str | None:
    """Return the key in the ``Authorization`` header, sent with or without ``Bearer``."""
    header = request.headers.get("authorization", "").strip()
    if header[: len(_SCHEME)].lower() == _SCHEME:
        header = header[len(_SCHEME) :].strip()
    return header or None
