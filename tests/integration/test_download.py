"""Downloads as clients see them: ranges, conditions, names, and memory on a real server."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from hinode.api.downloads import content_disposition, send_object
from hinode.storage import ObjectMissing, ObjectStore, StorageError, open_store
from tests.support import patient

KEY = "jobs/1/video.mp4"
BODY = hashlib.shake_128(b"frames").digest(1_500_007)  # three chunks, the last one short
SIZE = len(BODY)
ETAG = '"abc123"'
MODIFIED = datetime(2026, 11, 20, 12, 30, 15, 987_654, UTC)
MODIFIED_TEXT = format_datetime(MODIFIED, usegmt=True)
EARLIER_TEXT = format_datetime(datetime(2026, 11, 20, 12, 30, 14, tzinfo=UTC), usegmt=True)
LATER_TEXT = format_datetime(datetime(2026, 11, 20, 12, 30, 16, tzinfo=UTC), usegmt=True)


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    opened = open_store(tmp_path if request.param == "folder" else "memory://")
    opened.put_bytes(KEY, BODY, "video/mp4")
    return opened


def app(store: ObjectStore, size: int = SIZE, filename: str = "fox.mp4") -> Starlette:
    async def content(request: Request) -> Response:
        return await send_object(
            request,
            store,
            KEY,
            size=size,
            content_type="video/mp4",
            filename=filename,
            etag=ETAG.strip('"'),
            last_modified=MODIFIED,
        )

    async def translated(request: Request, error: Exception) -> Response:
        return PlainTextResponse(type(error).__name__, 404)

    return Starlette(
        routes=[Route("/content", content, methods=["GET", "HEAD"])],
        exception_handlers={ObjectMissing: translated, StorageError: translated},
    )


def ask(application: Starlette, method: str = "GET", **headers: str) -> httpx.Response:
    async def main() -> httpx.Response:
        transport = httpx.ASGITransport(application)
        async with patient.AsyncClient(transport=transport, base_url="http://hinode") as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, "/content", headers=named)

    return asyncio.run(main())


def test_the_whole_object_with_everything_a_client_needs(store: ObjectStore) -> None:
    answer = ask(app(store))
    assert (answer.status_code, answer.content) == (200, BODY)
    assert dict(answer.headers) == {
        "accept-ranges": "bytes",
        "content-disposition": 'attachment; filename="fox.mp4"',
        "content-length": str(SIZE),
        "content-type": "video/mp4",
        "etag": ETAG,
        "last-modified": MODIFIED_TEXT,
        "x-content-type-options": "nosniff",
    }


def test_head_answers_as_get_without_the_body(store: ObjectStore) -> None:
    whole = ask(app(store))
    for headers in ({}, {"range": "bytes=0-9"}):  # ranges are defined for GET only
        answer = ask(app(store), "HEAD", **headers)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers == whole.headers


@pytest.mark.parametrize(
    ("requested", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, SIZE - 1),
        ("bytes=-7", SIZE - 7, SIZE - 1),
        ("bytes=-99999999", 0, SIZE - 1),
        ("bytes=0-99999999999", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        ("bytes=524287-524288", 524_287, 524_288),
        ("bytes=5-1400000", 5, 1_400_000),
        ("Bytes=1-2", 1, 2),
        ("bytes= 1-2 ", 1, 2),
    ],
)
def test_one_range(store: ObjectStore, requested: str, first: int, last: int) -> None:
    answer = ask(app(store), range=requested)
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert answer.content == BODY[first : last + 1]


@pytest.mark.parametrize(
    "requested",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=x-y",
        "bytes=9-3",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=0x1-2",
        "bytes=1",
        "items=0-5",
        "bytes 0-5",
        "bytes=0-1,5-6",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(500)),
        "bytes=0-" + "9" * 5000,
    ],
)
def test_several_malformed_and_unknown_ranges_get_the_whole_object(
    store: ObjectStore, requested: str
) -> None:
    answer = ask(app(store), range=requested)
    assert (answer.status_code, len(answer.content)) == (200, SIZE)
    assert "content-range" not in answer.headers


@pytest.mark.parametrize("requested", [f"bytes={SIZE}-", "bytes=99999999-100000000", "bytes=-0"])
def test_a_range_behind_the_end_is_not_satisfiable(store: ObjectStore, requested: str) -> None:
    answer = ask(app(store), range=requested)
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        (ETAG, 206),
        (MODIFIED_TEXT, 206),
        ('"other"', 200),
        (f"W/{ETAG}", 200),
        (EARLIER_TEXT, 200),
        (LATER_TEXT, 200),
        ("nonsense", 200),
    ],
)
def test_a_resumed_download_gets_the_rest_only_of_the_same_object(
    store: ObjectStore, condition: str, status: int
) -> None:
    answer = ask(app(store), range="bytes=10-", if_range=condition)
    assert answer.status_code == status
    assert answer.content == (BODY[10:] if status == 206 else BODY)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if_none_match": ETAG}, 304),
        ({"if_none_match": f"W/{ETAG}"}, 304),
        ({"if_none_match": f'"x", {ETAG}'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"x"'}, 200),
        ({"if_none_match": '"x"', "if_modified_since": LATER_TEXT}, 200),
        ({"if_modified_since": MODIFIED_TEXT}, 304),
        ({"if_modified_since": LATER_TEXT}, 304),
        ({"if_modified_since": EARLIER_TEXT}, 200),
        ({"if_modified_since": "yesterday"}, 200),
        ({"if_modified_since": "Fri, 20 Nov 2026 12:30:16 -0000"}, 304),
        ({"if_none_match": ETAG, "range": "bytes=0-1"}, 304),
    ],
)
def test_a_client_that_has_the_object_is_told_so(
    store: ObjectStore, method: str, headers: dict[str, str], status: int
) -> None:
    answer = ask(app(store), method, **headers)
    assert answer.status_code == status
    assert answer.headers["etag"] == ETAG
    if status == 304:
        assert answer.content == b""
        assert "content-length" not in answer.headers


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=5-10"}])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_missing_object_is_left_to_the_caller(
    store: ObjectStore, method: str, headers: dict[str, str]
) -> None:
    store.delete([KEY])
    answer = ask(app(store), method, **headers)
    assert answer.status_code == 404
    if method == "GET":
        assert answer.text == "ObjectMissing"


def test_a_file_that_was_changed_is_not_sent(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.put_bytes(KEY, BODY[:-1], "video/mp4")
    assert ask(app(store)).text == "StorageError"


def test_an_empty_object(store: ObjectStore) -> None:
    store.put_bytes(KEY, b"", "video/mp4")
    answer = ask(app(store, size=0))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "0"
    assert ask(app(store, size=0), range="bytes=0-").status_code == 416


@pytest.mark.parametrize(
    ("filename", "value"),
    [
        ("fox.mp4", 'attachment; filename="fox.mp4"'),
        ("a red fox.mp4", 'attachment; filename="a red fox.mp4"'),
        (
            "日の出.mp4",
            "attachment; filename=\"___.mp4\"; filename*=UTF-8''%E6%97%A5%E3%81%AE%E5%87%BA.mp4",
        ),
        ("café.mp4", "attachment; filename=\"caf_.mp4\"; filename*=UTF-8''caf%C3%A9.mp4"),
        (
            'say "hi".mp4',
            "attachment; filename=\"say _hi_.mp4\"; filename*=UTF-8''say%20%22hi%22.mp4",
        ),
        ("50%41.mp4", "attachment; filename=\"50_41.mp4\"; filename*=UTF-8''50%2541.mp4"),
        ("../../etc/passwd", 'attachment; filename=".._.._etc_passwd"'),
        (
            "a\r\nSet-Cookie: x",
            "attachment; filename=\"a__Set-Cookie_ x\"; filename*=UTF-8''a__Set-Cookie%3A%20x",
        ),
        ("\ud800.mp4", "attachment; filename=\"_.mp4\"; filename*=UTF-8''%3F.mp4"),
    ],
)
def test_file_names_survive_and_break_nothing(filename: str, value: str, tmp_path: Path) -> None:
    assert content_disposition(filename, "attachment") == value
    store = open_store(tmp_path)
    store.put_bytes(KEY, BODY, "video/mp4")
    answer = ask(app(store, filename=filename), "HEAD")
    assert answer.headers["content-disposition"] == value


def test_a_page_may_show_the_object_in_place() -> None:
    assert content_disposition("a.mp4", "inline") == 'inline; filename="a.mp4"'


@contextlib.contextmanager
def served(application: Starlette) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="off"))
    listener = socket.create_server(("127.0.0.1", 0))  # listens at once: nobody is refused
    port = listener.getsockname()[1]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/content"
    finally:
        server.should_exit = True
        thread.join()


def test_eight_parallel_downloads_keep_memory_flat(tmp_path: Path) -> None:
    size = 50_000_000
    store = open_store(tmp_path)
    (tmp_path / "jobs" / "1").mkdir(parents=True)
    with (tmp_path / KEY).open("wb") as file:
        file.truncate(size)
    peaks: list[int] = []
    received: list[int] = []

    def download(url: str) -> None:
        with patient.stream("GET", url) as answer:
            total = 0
            for chunk in answer.iter_raw():
                total += len(chunk)
                if total % 1_000_000 < len(chunk):
                    peaks.append(_resident_bytes())
        received.append(total)

    with served(app(store, size=size)) as url:
        patient.get(url, headers={"range": "bytes=0-2000000"})  # warm: threads, buffers, imports
        before = _resident_bytes()
        readers = [threading.Thread(target=download, args=(url,)) for _ in range(8)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    assert received == [size] * 8
    assert max(peaks) - before < 64_000_000


def test_a_client_that_leaves_ends_the_reading(tmp_path: Path) -> None:
    size = 300_000_000
    store = open_store(tmp_path)
    (tmp_path / "jobs" / "1").mkdir(parents=True)
    with (tmp_path / KEY).open("wb") as file:
        file.truncate(size)
    with served(app(store, size=size)) as url:
        with patient.stream("GET", url) as answer:
            arrived = 0
            for chunk in answer.iter_raw():
                arrived += len(chunk)
                if arrived > 2_000_000 and _is_open(tmp_path / KEY):
                    break
            assert 0 < arrived < size
        for _ in range(200):
            if not _is_open(tmp_path / KEY):
                break
            patient.head(url)
        assert not _is_open(tmp_path / KEY)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _is_open(path: Path) -> bool:
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            if descriptor.readlink() == path:
                return True
    return False
