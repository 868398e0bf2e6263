"""Compressed request bodies: gzip, Brotli (RFC 7932) and Zstandard (RFC 8878), within bounds.

A body is decoded as it arrives and never as a whole: how much memory it takes does not depend on
what it claims to hold. RFC 9659 gives Zstandard's window its bound.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Protocol

import brotli

from hinode.api.request_errors import RequestError, RequestErrorCode

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_RATIO = 100
FREE_BYTES = 2**20
"""Bytes that a body may hold however few it was sent in."""

_BLOCK = 64 * 1024
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_ZSTD_WINDOW_LOG = 23
_ACCEPTED = "gzip, br, zstd"
_UNCODED = ("", "identity")


class _StreamDecoder(Protocol):
    """Decodes one body; ``ended`` says that it is whole."""

    @property
    def ended(self) -> bool: ...

    def decode(self, data: bytes) -> Iterator[bytes]: ...


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP_WINDOW)

    @property
    def ended(self) -> bool:
        return self._stream.eof

    def decode(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._stream.eof:  # a file of several members, as parallel compressors write it
                self._stream = zlib.decompressobj(_GZIP_WINDOW)
            yield self._stream.decompress(data, _BLOCK)
            data = self._stream.unconsumed_tail or self._stream.unused_data


class _Zstd:
    def __init__(self) -> None:
        self._stream = self._frame()

    @property
    def ended(self) -> bool:
        return self._stream.eof

    def decode(self, data: bytes) -> Iterator[bytes]:
        while True:
            if self._stream.eof:
                data = data or self._stream.unused_data
                if not data:
                    return
                self._stream = self._frame()
            yield self._stream.decompress(data, _BLOCK)
            data = b""
            if self._stream.needs_input:
                return

    @staticmethod
    def _frame() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        )


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def ended(self) -> bool:
        return bool(self._stream.is_finished())

    def decode(self, data: bytes) -> Iterator[bytes]:
        block = self._stream.process(data, output_buffer_limit=_BLOCK)
        yield block
        # A block that is not full is the last one of what was given.
        while len(block) >= _BLOCK and not self.ended:
            block = self._stream.process(b"", output_buffer_limit=_BLOCK)
            yield block


_DECODERS: Mapping[str, Callable[[], _StreamDecoder]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "br": _Brotli,
    "zstd": _Zstd,
}
_INVALID = (zlib.error, brotli.error, zstd.ZstdError)


def decoded(
    chunks: AsyncIterator[bytes], coding: str, *, offered: bool = True
) -> AsyncIterator[bytes]:
    """Return the content of a body that came in a ``Content-Encoding``; the body itself in none.

    Where no coding is ``offered``, each is refused.

    Raises :class:`RequestError` for a coding that is not offered, and while it is read for a body
    that is not in this coding, breaks off, or holds more than a hundred times what was sent.
    """
    name = coding.strip().lower()
    if name in _UNCODED:
        return chunks
    if not offered or name not in _DECODERS:
        raise _unsupported(name, _ACCEPTED if offered else "")
    return _decoded(chunks, name)


async def _decoded(chunks: AsyncIterator[bytes], name: str) -> AsyncIterator[bytes]:
    decoder = _DECODERS[name]()
    sent = held = 0
    async for chunk in chunks:
        sent += len(chunk)
        for block in _checked(decoder, chunk, name):
            held += len(block)
            if held > max(FREE_BYTES, MAX_RATIO * sent):
                raise _expands(name)
            yield block
    if not decoder.ended:
        raise _broken(name, "it ends too early")


def _checked(decoder: _StreamDecoder, chunk: bytes, name: str) -> Iterator[bytes]:
    if not chunk:
        return
    try:
        yield from decoder.decode(chunk)
    except _INVALID:
        raise _broken(name, "it is not in this coding") from None


def _unsupported(name: str, accepted: str) -> RequestError:
    several = "one coding only, " if "," in name else ""
    remedy = f"send {several}{accepted}, or the body as it is" if accepted else "send it as it is"
    return RequestError(
        RequestErrorCode.UNSUPPORTED_CODING,
        f"A body with Content-Encoding '{name[:80]}' is not read here; {remedy}.",
        headers={"accept-encoding": accepted or "identity"},
    )


def _expands(name: str) -> RequestError:
    return RequestError(
        RequestErrorCode.BODY_EXPANDS,
        f"The {name} body holds more than {MAX_RATIO} times what was sent; send it as it is.",
    )


def _broken(name: str, why: str) -> RequestError:
    message = f"The body cannot be decoded as {name}: {why}."
    if name == "zstd":
        message += f" Its window may be at most {2**_ZSTD_WINDOW_LOG} bytes."
    return RequestError(RequestErrorCode.BROKEN_BODY, message)
