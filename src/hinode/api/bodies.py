"""Request bodies: JSON, multipart and urlencoded, compressed or not, read up to a limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header
from starlette.requests import Request

from hinode.api.charsets import charset_of, decode_text, not_in
from hinode.api.content_coding import decoded
from hinode.api.form_fields import MAX_FIELDS, nest, too_many_fields
from hinode.api.http1.slow_body import stream_body
from hinode.api.json_text import load_object
from hinode.api.multipart import MultipartForm
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.values import Value
from hinode.kit.spool import Spool, flush_if_large

JSON = "application/json"
MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"

# What HTTP clients send of a text that nobody gave a type: `curl -d`, browsers, .NET, Go.
_UNTYPED = ("", "text/plain", URLENCODED)
_OBJECT_BEGINS = b"{"
_BLANKS = b"\xef\xbb\xbf \t\r\n"


async def read_fields(request: Request, limit: int, *, compressed: bool = True) -> dict[str, Value]:
    """Return the fields of a JSON, multipart or urlencoded body of at most ``limit`` bytes.

    A body without a JSON type that is a JSON object is read as one. Only routes that have accepted
    a key may take ``compressed`` bodies.

    Raises :class:`RequestError` for another content type, a malformed body and a longer one; a
    body whose ``Content-Length`` is too large is not read.
    """
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in (*_UNTYPED, MULTIPART) and not _is_json(kind):
        raise _wrong_content_type(kind)
    _refuse_declared_length(request, limit)
    chunks = _content(request, limit, compressed=compressed)
    if kind == MULTIPART:
        return await _multipart(content_type, chunks)
    charset = charset_of(_charset(content_type))
    body = await _whole(chunks)
    if _is_json(kind) or body.lstrip(_BLANKS).startswith(_OBJECT_BEGINS):
        return load_object(body, charset)
    if kind == URLENCODED:
        return nest(_urlencoded(body, charset))
    raise _wrong_content_type(kind)


def _is_json(kind: str) -> bool:
    return kind in (JSON, "text/json") or kind.endswith("+json")


def _charset(content_type: str) -> str:
    return parse_options_header(content_type)[1].get(b"charset", b"").decode("latin-1")


def _wrong_content_type(kind: str) -> RequestError:
    given = f"'{kind[:80]}'" if kind else "none"
    return RequestError(
        RequestErrorCode.WRONG_CONTENT_TYPE,
        f"The Content-Type is {given}; send {MULTIPART}, {JSON} or {URLENCODED}.",
    )


def _refuse_declared_length(request: Request, limit: int) -> None:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise _too_large(limit)


def _content(request: Request, limit: int, *, compressed: bool) -> AsyncIterator[bytes]:
    """Return the body, decoded; neither what is sent nor what it holds may exceed the limit."""
    coding = ",".join(request.headers.getlist("content-encoding"))
    sent = _bounded(stream_body(request), limit, _too_large(limit))
    content = decoded(sent, coding, offered=compressed)
    if content is sent:
        return sent
    return _bounded(content, limit, _too_large(limit, RequestErrorCode.BODY_EXPANDS))


async def _bounded(
    chunks: AsyncIterator[bytes], limit: int, error: RequestError
) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise error
        yield chunk


async def _multipart(content_type: str, chunks: AsyncIterator[bytes]) -> dict[str, Value]:
    form = MultipartForm(content_type)
    async for chunk in chunks:
        form.feed(chunk)
        await flush_if_large(form.part)
    return nest(form.finish())


async def _whole(chunks: AsyncIterator[bytes]) -> bytes:
    """Return a body that is parsed as a whole; while its sender is slow, it is on the disk."""
    spool = Spool()
    async for chunk in chunks:
        spool.write(chunk)
        await flush_if_large(spool)
    return spool.finish().read()


def _urlencoded(body: bytes, charset: str) -> list[tuple[str, str]]:
    if body.count(b"&") >= MAX_FIELDS:
        raise too_many_fields()
    text = decode_text(body, charset, "The form body")
    try:
        return parse_qsl(text, keep_blank_values=True, encoding=charset, errors="strict")
    except UnicodeDecodeError:
        raise not_in(charset, "The form body") from None


def _too_large(
    limit: int, code: RequestErrorCode = RequestErrorCode.BODY_TOO_LARGE
) -> RequestError:
    return RequestError(code, f"The request body is larger than {limit} bytes.")
