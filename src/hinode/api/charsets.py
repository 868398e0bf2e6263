"""Charsets that a body, or a part of a form, declares for its text."""

from __future__ import annotations

import codecs

from hinode.api.request_errors import RequestError, RequestErrorCode

UTF_8 = "utf-8"

# By Python's names. A text that says GB 2312 often has characters that only its successor has.
_READ_AS = {
    "utf-8-sig": UTF_8,
    "ascii": UTF_8,
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_READ = frozenset(
    {UTF_8, "utf-16", "utf-16-le", "utf-16-be", "koi8-r", "euc_jp"}
    | {*_READ_AS.values(), "cp950"}
    | {f"iso8859-{part}" for part in (1, 2, 5, 7, 8, 9, 15)}
    | {f"cp{page}" for page in range(1250, 1259)}
)


def charset_of(parameter: str) -> str:
    """Return the codec for a ``charset`` parameter, UTF-8 where it is empty.

    Raises :class:`RequestError` for a charset that is not read.
    """
    label = parameter.strip().strip("\"'")
    if not label:
        return UTF_8
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        name = ""
    codec = _READ_AS.get(name, name)
    if codec in _READ:
        return codec
    raise RequestError(
        RequestErrorCode.WRONG_CONTENT_TYPE,
        f"The charset '{label[:40]}' is not read here; send the text as UTF-8.",
    )


def decode_text(data: bytes, codec: str, what: str) -> str:
    """Return text in a codec. Raises :class:`RequestError` where ``what`` is not in it."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        raise not_in(codec, what) from None


def not_in(codec: str, what: str) -> RequestError:
    """Return the error for text that is not in its codec."""
    said = "UTF-8" if codec == UTF_8 else f"in the charset that it declares, {codec}"
    return RequestError(RequestErrorCode.BROKEN_BODY, f"{what} is not {said}.")
