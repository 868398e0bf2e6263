"""Responses to GET and HEAD with a stored object: range and conditional requests, streaming.

Conditional requests by RFC 9110 §13, range requests by §14; Content-Disposition by RFC 6266 and
RFC 8187.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hinode.storage import ObjectMissing, ObjectStore, StorageError

# Large enough to amortise a thread hop per chunk, small enough for many concurrent downloads.
CHUNK_BYTES = 512 * 1024
_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)
_ETAG = re.compile(r'(?:W/)?("[^"]*")')
_UNSAFE_IN_FILENAME = re.compile(r"[\x00-\x1f\x7f/\\]")
_NOT_PLAIN = re.compile(r"[^ !#$&+.\-0-9A-Z^_`a-z{}~()\[\],;=@\']")

Disposition = Literal["attachment", "inline"]


@dataclass(frozen=True, slots=True)
class _Span:
    """Bytes ``start`` to ``end`` (exclusive)."""

    start: int
    end: int


class _Unsatisfiable(Exception):
    """The requested range starts after the last byte."""


async def send_object(
    request: Request,
    store: ObjectStore,
    key: str,
    *,
    size: int,
    content_type: str,
    filename: str,
    etag: str,
    last_modified: datetime,
    disposition: Disposition = "attachment",
) -> Response:
    """Return the response to ``request`` with the object stored under ``key``.

    ``size`` is in bytes, ``etag`` a strong entity tag without quotes, ``last_modified`` an aware
    time. A single range is answered with 206; multiple, malformed and unknown ranges with the whole
    object; a range after the end with 416. Raises :class:`ObjectMissing` and :class:`StorageError`
    before the response starts.
    """
    headers = {
        "accept-ranges": "bytes",
        "content-disposition": content_disposition(filename, disposition),
        "content-type": content_type,
        "etag": f'"{etag}"',
        "last-modified": format_datetime(last_modified.astimezone(UTC), usegmt=True),
        "x-content-type-options": "nosniff",
    }
    if _is_unchanged(request.headers, headers):
        return Response(status_code=304, headers=_without_body(headers))
    try:
        span = _requested_span(request, headers, size)
    except _Unsatisfiable:
        headers["content-range"] = f"bytes */{size}"
        return Response(status_code=416, headers=_without_body(headers))
    if span is not None:
        headers["content-range"] = f"bytes {span.start}-{span.end - 1}/{size}"
    whole = span or _Span(0, size)
    headers["content-length"] = str(whole.end - whole.start)
    if request.method == "HEAD":
        await run_sync(store.head, key)
        return Response(headers=headers)
    return await _body_response(store, key, size, whole, 206 if span else 200, headers)


def content_disposition(filename: str, disposition: Disposition) -> str:
    """Return the header's value: an ASCII ``filename``, and ``filename*`` where they differ."""
    name = _UNSAFE_IN_FILENAME.sub("_", filename)
    plain = _NOT_PLAIN.sub("_", name)
    value = f'{disposition}; filename="{plain}"'
    if plain == name:
        return value
    return f"{value}; filename*=UTF-8''{quote(name, safe='', errors='replace')}"


def _is_unchanged(conditions: Headers, headers: dict[str, str]) -> bool:
    known = conditions.get("if-none-match")
    if known is not None:
        return known.strip() == "*" or headers["etag"] in _ETAG.findall(known)
    since = _date(conditions.get("if-modified-since"))
    modified = _date(headers["last-modified"])
    return since is not None and modified is not None and modified <= since


def _date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _requested_span(request: Request, headers: dict[str, str], size: int) -> _Span | None:
    """Return the range to send, None for the whole object; RFC 9110 defines ranges for GET only.

    Raises :class:`_Unsatisfiable`.
    """
    given = request.headers.get("range")
    if given is None or request.method != "GET":
        return None
    condition = request.headers.get("if-range")
    # RFC 9110 §13.1.5: strong comparison of the tag, exact match of the date.
    if condition is not None and condition not in (headers["etag"], headers["last-modified"]):
        return None
    found = _ONE_RANGE.fullmatch(given)
    return _span(found[1], found[2], size) if found else None


def _span(first: str, last: str, size: int) -> _Span | None:
    if first and last and int(last) < int(first):
        return None
    if first:
        start, end = int(first), min(int(last) + 1, size) if last else size
    elif last:
        start, end = max(0, size - int(last)), size
    else:
        return None
    if start >= size:
        raise _Unsatisfiable
    return _Span(start, end)


def _without_body(headers: dict[str, str]) -> dict[str, str]:
    """Return the headers without those that describe a body."""
    return {k: v for k, v in headers.items() if k not in ("content-type", "content-disposition")}


async def _body_response(
    store: ObjectStore, key: str, size: int, span: _Span, status: int, headers: dict[str, str]
) -> Response:
    path = store.local_path(key)
    if span.start == span.end:
        await run_sync(store.head, key)
        return Response(status_code=status, headers=headers)
    if path is None:
        chunks = await store.stream(key, span.start, span.end)
        return StreamingResponse(chunks, status, headers)
    first = await run_sync(_first_chunk, path, key, size, span)
    if len(first) == span.end - span.start:
        return Response(first, status, headers)
    return StreamingResponse(_file_chunks(path, span, first), status, headers)


def _first_chunk(path: Path, key: str, size: int, span: _Span) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            _require_size(key, os.fstat(file.fileno()).st_size, size)
            return os.pread(file.fileno(), min(CHUNK_BYTES, span.end - span.start), span.start)
    except FileNotFoundError:
        raise ObjectMissing(key) from None


def _require_size(key: str, found: int, expected: int) -> None:
    if found != expected:
        raise StorageError(
            f"{key!r} has {found} bytes where {expected} were stored.",
            hint="The stored file was changed from outside; restore it from a backup.",
        )


async def _file_chunks(path: Path, span: _Span, first: bytes) -> AsyncIterator[bytes]:
    yield first
    position = span.start + len(first)
    file = await run_sync(path.open, "rb", 0)
    with file:
        while position < span.end:
            wanted = min(CHUNK_BYTES, span.end - position)
            chunk = await run_sync(os.pread, file.fileno(), wanted, position)
            if not chunk:
                raise StorageError("The stored file became shorter.", hint="Do not edit objects.")
            position += len(chunk)
            yield chunk
