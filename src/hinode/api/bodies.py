"""Request bodies: JSON, multipart and urlencoded, read up to a limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

from starlette.requests import Request

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


async def read_fields(request: Request, limit: int) -> dict[str, Value]:
    """Return the fields of a JSON, multipart or urlencoded body of at most ``limit`` bytes.

    Raises :class:`RequestError` for another content type, a malformed body and a longer one; a
    body whose ``Content-Length`` is too large is not read.
    """
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in (JSON, MULTIPART, URLENCODED):
        raise _wrong_content_type(kind)
    _refuse_declared_length(request, limit)
    chunks = _bounded(request, limit)
    if kind == MULTIPART:
        return await _multipart(content_type, chunks)
    body = await _whole(chunks)
    return load_object(body) if kind == JSON else nest(_urlencoded(body))


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


async def _bounded(request: Request, limit: int) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in stream_body(request):
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
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


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    if body.count(b"&") >= MAX_FIELDS:
        raise too_many_fields()
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise RequestError(RequestErrorCode.BROKEN_BODY, "The form body is not UTF-8.") from None


def _too_large(limit: int) -> RequestError:
    return RequestError(
        RequestErrorCode.BODY_TOO_LARGE, f"The request body is larger than {limit} bytes."
    )
