"""What callers rely on in every object store, in a folder and in a bucket-like store."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hinode.storage import ObjectMissing, ObjectStore, StorageError, open_store

MP4 = "video/mp4"
BIG = bytes(range(256)) * 20_000  # about 5 MB, more than four chunks


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return open_store(tmp_path / "objects" if request.param == "folder" else "memory://")


def read(store: ObjectStore, key: str, start: int = 0, end: int | None = None) -> list[bytes]:
    async def main() -> list[bytes]:
        return [chunk async for chunk in await store.stream(key, start, end)]

    return asyncio.run(main())


def keys(store: ObjectStore, prefix: str = "") -> list[str]:
    return sorted(found.key for found in store.list(prefix))


def test_a_file_is_stored_described_and_read_back(store: ObjectStore, tmp_path: Path) -> None:
    source = tmp_path / "video.mp4"
    source.write_bytes(BIG)
    stored = store.put_file("jobs/1/video.mp4", source, MP4)
    assert (stored.key, stored.size) == ("jobs/1/video.mp4", len(BIG))
    assert abs(stored.modified.timestamp() - time.time()) < 60
    assert store.head("jobs/1/video.mp4") == stored
    assert source.read_bytes() == BIG
    store.download_to("jobs/1/video.mp4", tmp_path / "copy.mp4")
    assert (tmp_path / "copy.mp4").read_bytes() == BIG
    assert sorted(p.name for p in tmp_path.glob("*.mp4")) == ["copy.mp4", "video.mp4"]


def test_a_stream_comes_in_bounded_chunks(store: ObjectStore) -> None:
    store.put_bytes("big", BIG, MP4)
    chunks = read(store, "big")
    assert b"".join(chunks) == BIG
    if store.local_path("big"):  # the store in memory hands out what it holds
        assert max(map(len, chunks)) < 2_200_000


@pytest.mark.parametrize(
    ("start", "end"), [(0, 10), (3, 4), (1_000_000, 3_500_000), (5_119_990, None), (7, len(BIG))]
)
def test_a_stream_may_start_and_end_anywhere(store: ObjectStore, start: int, end: int) -> None:
    store.put_bytes("big", BIG, MP4)
    assert b"".join(read(store, "big", start, end)) == BIG[start:end]


def test_an_object_is_replaced_whole(store: ObjectStore) -> None:
    store.put_bytes("a/b", b"first, longer", MP4)
    assert store.put_bytes("a/b", b"second", MP4).size == 6
    assert read(store, "a/b") == [b"second"]


def test_an_empty_object_is_an_object(store: ObjectStore) -> None:
    assert store.put_bytes("empty", b"", MP4).size == 0
    assert b"".join(read(store, "empty")) == b""


def test_a_missing_object_is_said_to_be_missing(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(ObjectMissing, match="no/such"):
        store.head("no/such")
    with pytest.raises(ObjectMissing):
        read(store, "no/such")
    with pytest.raises(ObjectMissing):
        store.download_to("no/such", tmp_path / "copy")
    assert not list(tmp_path.glob("*copy*"))


def test_a_download_to_nowhere_is_not_a_missing_object(store: ObjectStore, tmp_path: Path) -> None:
    store.put_bytes("a", b"x", MP4)
    with pytest.raises(FileNotFoundError):
        store.download_to("a", tmp_path / "no folder" / "copy")


def test_deleting_is_idempotent_and_takes_the_others_along(store: ObjectStore) -> None:
    store.put_bytes("a/1", b"x", MP4)
    store.put_bytes("a/2", b"x", MP4)
    store.put_bytes("b", b"x", MP4)
    for _ in range(2):
        store.delete(["gone", "a/1", "also/gone", "a/2"])
        assert keys(store) == ["b"]
    store.delete([])


def test_many_objects_are_deleted(store: ObjectStore) -> None:
    names = [f"m/{number}" for number in range(1100)]
    store.put_bytes(names[0], b"x", MP4)
    store.put_bytes(names[-1], b"x", MP4)
    store.delete(names)
    assert keys(store) == []


def test_a_list_goes_by_whole_segments(store: ObjectStore) -> None:
    for key in ("jobs/1/video.mp4", "jobs/2/video.mp4", "jobs-old/1", "other"):
        store.put_bytes(key, b"abc", MP4)
    assert keys(store, "jobs") == ["jobs/1/video.mp4", "jobs/2/video.mp4"]
    assert keys(store, "jobs/2") == ["jobs/2/video.mp4"]
    assert keys(store, "nothing") == []
    assert len(keys(store)) == 4
    assert {found.size for found in store.list()} == {3}


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../up",
        "a/../../b",
        "a/..",
        "a//b",
        "a/",
        ".staging/x",
        "a/.hidden",
        "a\\b",
        "a\0b",
        "a b",
        "a#1",
        "é",
        "a\n",
        "-flag",
        "k" * 513,
    ],
)
def test_a_key_outside_the_grammar_is_refused_everywhere(
    store: ObjectStore, key: str, tmp_path: Path
) -> None:
    for call in (
        lambda: store.put_bytes(key, b"x", MP4),
        lambda: store.put_file(key, Path(__file__), MP4),
        lambda: store.head(key),
        lambda: read(store, key),
        lambda: store.local_path(key),
        lambda: store.download_to(key, tmp_path / "copy"),
        lambda: store.delete([key]),
    ):
        with pytest.raises(ValueError, match="no object key"):
            call()
    assert keys(store) == []


def test_the_check_passes_and_leaves_nothing(store: ObjectStore) -> None:
    store.check()
    assert keys(store) == []


def test_files_and_folders_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = open_store(tmp_path / "data" / "objects")
        store.put_bytes("jobs/1/video.mp4", b"x", MP4)
    finally:
        os.umask(before)
    for path in (tmp_path / "data").rglob("*"):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_folder_tells_where_the_file_lies(tmp_path: Path) -> None:
    for place in (tmp_path, f"file://{tmp_path}"):
        store = open_store(place)
        store.put_bytes("a/b.bin", b"here", MP4)
        path = store.local_path("a/b.bin")
        assert path is not None
        assert path.read_bytes() == b"here"
    assert open_store("memory://").local_path("a/b.bin") is None


def test_emptied_folders_are_removed(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.put_bytes("jobs/1/video.mp4", b"x", MP4)
    store.delete(["jobs/1/video.mp4"])
    assert not (tmp_path / "jobs").exists()


def test_an_object_that_fails_half_way_is_never_seen(tmp_path: Path) -> None:
    store = open_store(tmp_path / "objects")
    store.put_bytes("a", b"old", MP4)
    with pytest.raises(StorageError):
        store.put_file("a", tmp_path, MP4)  # a folder cannot be read to its end
    assert read(store, "a") == [b"old"]
    assert keys(store) == ["a"]
    assert not list((tmp_path / "objects" / ".staging").iterdir())


def test_a_reader_sees_the_old_or_the_new_object_and_never_a_part(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    versions = [bytes([number]) * 300_000 for number in range(20)]
    store.put_bytes("a", versions[0], MP4)
    path = store.local_path("a")
    assert path
    done = threading.Event()
    seen: set[bytes] = set()

    def look() -> None:
        while not done.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=look)
    reader.start()
    for version in versions:
        store.put_bytes("a", version, MP4)
    done.set()
    reader.join()
    assert seen <= set(versions)


def test_writes_survive_deletes_that_empty_their_folder(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    failures: list[Exception] = []

    def churn(name: str) -> None:
        try:
            for _ in range(100):
                store.put_bytes(f"deep/er/{name}", b"x", MP4)
                store.delete([f"deep/er/{name}"])
        except Exception as error:  # any failure is the finding
            failures.append(error)

    workers = [threading.Thread(target=churn, args=(name,)) for name in ("a", "b")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []


def test_what_a_killed_writer_left_is_removed_after_a_day(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    old, new = tmp_path / ".staging" / "old", tmp_path / ".staging" / "new"
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    assert keys(store) == []
    open_store(tmp_path)
    assert not old.exists()
    assert new.exists()


def test_files_that_are_not_ours_are_not_listed(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    (tmp_path / "some notes.txt").write_text("mine")
    (tmp_path / ".hidden").write_text("mine")
    store.put_bytes("ours", b"x", MP4)
    assert keys(store) == ["ours"]


def test_a_place_that_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for place in (str(tmp_path / "file" / "objects"), "ftp://host/x", "s3://", "az://container"):
        with pytest.raises(StorageError) as caught:
            open_store(place)
        assert caught.value.hint


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [(403, "InvalidAccessKeyId", "credentials"), (404, "NoSuchBucket", "bucket")],
)
def test_a_bucket_that_refuses_fails_the_check_without_telling_secrets(
    monkeypatch: pytest.MonkeyPatch, status: int, code: str, hint: str
) -> None:
    requests: list[str] = []

    class Refusing(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            requests.append(self.path)
            self.rfile.read(int(self.headers["content-length"]))
            body = f'<?xml version="1.0"?>\n<Error><Code>{code}</Code></Error>'.encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "very-secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    try:
        with pytest.raises(StorageError, match="could not write") as caught:
            open_store("s3://bucket/prefix").check()
    finally:
        server.shutdown()
        server.server_close()
    assert requests
    assert requests[0].startswith("/bucket/prefix/probe/")
    assert "very-secret" not in str(caught.value)
    assert f": {code}: " in str(caught.value)
    assert hint in caught.value.hint
