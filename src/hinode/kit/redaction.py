"""Redacts secrets in texts of logs and answers."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

_SECRET = re.compile(r"(sk-|whsec_)[A-Za-z0-9+/=]{8,}")
_TOKEN = re.compile(r"\b(eyJ)[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?")
_PASSWORD = re.compile(r"(://[^:/@\s]*):[^@\s]*@")
_USER = re.compile(r"(://)[^:/@\s]+@")
_SIGNED_URL = re.compile(r"/[0-9a-f]{32}\.[0-9a-f]{8,10}/")
_MARKER = re.compile(r"sk-|whsec_|eyJ|://|/files/|/portraits/")
"""Each match of the patterns has one of these, which are cheap to search."""


def redact_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Redact API keys, tokens, signing secrets, signatures and passwords in URLs."""
    return {
        name: redact(value) if isinstance(value, str) else value for name, value in event.items()
    }


def redact(text: str) -> str:
    """Return a text without its keys, tokens, signing secrets, signatures and URLs' credentials."""
    if not _MARKER.search(text):
        return text
    shown = _TOKEN.sub(r"\1***", _SECRET.sub(r"\1***", text))
    shown = _SIGNED_URL.sub("/***/", shown)
    # A user without a password is often a token.
    return _PASSWORD.sub(r"\1:***@", _USER.sub(r"\1***@", shown))
