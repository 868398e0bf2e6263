"""The names of uploaded files: only names, of any spelling, which no upload is refused for."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from hinode.core.files.rules import MAX_NAME_LENGTH

_EXTENDED = re.compile(rb";\s*filename\*\s*=\s*\"?([\w.:-]*)'[^']*'([^;\s\"]*)", re.IGNORECASE)
_LATIN_1 = b"iso-8859-1"
_CODECS = ("utf-8", "gb18030")
"""Of names whose codec nobody said: the second is what Chinese Windows sends."""


def file_name(disposition: bytes, plain: bytes | None) -> str | None:
    """Return the file name of a form's part, None for a part that has none.

    ``plain`` is the parameter ``filename``; without it ``filename*`` counts (RFC 5987), which
    RFC 7578 forbids in forms and some clients send alone.
    """
    if plain is not None:
        return _text(plain)
    extended = _EXTENDED.search(disposition)
    if extended is None:
        return None
    data = unquote_to_bytes(extended[2])
    return data.decode("latin-1") if extended[1].lower() == _LATIN_1 else _text(data)


def tidy_file_name(name: str, unnamed: str) -> str:
    """Return a name without folders and what breaks a line or a header; ``unnamed`` for none."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(one for one in last if one.isprintable()).strip()
    return printable[-MAX_NAME_LENGTH:] or unnamed


def _text(data: bytes) -> str:
    for codec in _CODECS:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")
