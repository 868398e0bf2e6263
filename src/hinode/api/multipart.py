"""Incremental parsing of multipart/form-data (RFC 7578), with limits."""

from __future__ import annotations

from functools import lru_cache

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from hinode.api.charsets import UTF_8, charset_of, decode_text
from hinode.api.file_names import file_name
from hinode.api.form_fields import MAX_FIELDS, too_many_fields
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.values import Upload
from hinode.kit.spool import Spool

_MAX_HEADER_BYTES = 8_192
_SHORT_HEADER_BYTES = 80
_CHARSET_FIELD = "_charset_"
"""The field by which a form says the charset of those after it (RFC 7578 §4.6)."""

_TEXT_TYPES = (b"", b"application/json", b"application/x-www-form-urlencoded")


class MultipartForm:
    """Parser of one form: :meth:`feed` it the body, then :meth:`finish`.

    Every method raises :class:`RequestError` for a malformed form. Callers flush :attr:`part` when
    it has much in memory.
    """

    def __init__(self, content_type: str) -> None:
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if not boundary:
            raise _broken("its Content-Type names no boundary")
        self._charset = _charset(options, UTF_8)
        self._pairs: list[tuple[str, str | Upload]] = []
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._headers: dict[bytes, bytes] = {}
        self.part = Spool()
        self._ended = False
        self._parser = self._make_parser(boundary)

    def feed(self, chunk: bytes) -> None:
        """Parse the next bytes of the body."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise _broken("it does not follow its own boundary") from None

    def finish(self) -> list[tuple[str, str | Upload]]:
        """Return the parts in order: name, and text or file. Raises if the form is incomplete."""
        if not self._ended:
            raise _broken("it ends before its last boundary")
        return self._pairs

    def _make_parser(self, boundary: bytes) -> MultipartParser:
        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._add_header_name,
                    "on_header_value": self._add_header_value,
                    "on_header_end": self._end_header,
                    "on_part_data": self._add_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
                max_header_size=_MAX_HEADER_BYTES,
            )
        except FormParserError:
            raise _broken("its boundary is too long") from None

    def _begin_part(self) -> None:
        if len(self._pairs) >= MAX_FIELDS:
            raise too_many_fields()
        self._headers = {}
        self.part = Spool()

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[bytes(self._header_name.lower())] = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        self.part.write(memoryview(data)[start:end])

    def _end_part(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"")
        name = _options(disposition)[1].get(b"name")
        if name is None:
            raise _broken("a part has no name")
        key = decode_text(name, self._charset, "The name of a part")
        kind, options = _options(self._headers.get(b"content-type", b""))
        file = file_name(disposition, _options(disposition)[1].get(b"filename"))
        content = self.part.finish()
        if file is not None or not _is_text(kind):
            self._pairs.append((key, Upload(content, file or "")))
            return
        text = decode_text(
            content.read(), _charset(options, self._charset), f"The field '{key[:80]}'"
        )
        if key == _CHARSET_FIELD:
            self._charset = charset_of(text)
        else:
            self._pairs.append((key, text))

    def _end(self) -> None:
        self._ended = True


def _is_text(kind: bytes) -> bool:
    """Return whether a part of this type and without a file name is a field."""
    return kind in _TEXT_TYPES or kind.startswith(b"text/")


def _charset(options: dict[bytes, bytes], default: str) -> str:
    declared = options.get(b"charset", b"").decode("latin-1")
    return charset_of(declared) if declared else default


def _options(value: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """Return a header's value and its parameters; short ones, often repeated, are cached."""
    return _known(value) if len(value) <= _SHORT_HEADER_BYTES else _parsed(value)


def _parsed(value: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    return parse_options_header(value.decode("latin-1"))


_known = lru_cache(maxsize=256)(_parsed)


def _broken(why: str) -> RequestError:
    return RequestError(RequestErrorCode.BROKEN_BODY, f"The multipart body is broken: {why}.")
