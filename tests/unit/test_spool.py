"""What clients send is on the disk when it is large, and leaves nothing there."""

from __future__ import annotations

import gc
import hashlib
import tempfile
from pathlib import Path

import pytest

from hinode.kit.spool import BLOCK_BYTES, SMALL_BYTES, Spool, Spooled


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("size", [0, 1, SMALL_BYTES, SMALL_BYTES + 1, 3 * BLOCK_BYTES])
def test_bytes_come_back_as_they_were(size: int, folder: Path) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    spool = Spool()
    for start in range(0, size, 100_000):
        spool.write(memoryview(data)[start : start + 100_000])
        if spool.unwritten >= BLOCK_BYTES:
            spool.flush()
            assert spool.unwritten == 0

    spooled = spool.finish()

    assert len(list(folder.iterdir())) == (size > SMALL_BYTES)
    assert (spooled.size, spooled.read()) == (size, data)
    assert spooled.digest == hashlib.sha256(data).hexdigest()
    assert spooled.head(5) == data[:5]
    assert spooled.path.read_bytes() == data


@pytest.mark.parametrize("size", [3, 2 * SMALL_BYTES])
def test_the_file_goes_with_its_object(size: int, folder: Path) -> None:
    spooled = Spooled.of(b"x" * size)
    assert spooled.path.exists()

    del spooled
    gc.collect()

    assert list(folder.iterdir()) == []


def test_a_sender_who_leaves_leaves_nothing(folder: Path) -> None:
    spool = Spool()
    spool.write(b"x" * BLOCK_BYTES)
    spool.flush()
    assert len(list(folder.iterdir())) == 1

    del spool
    gc.collect()

    assert list(folder.iterdir()) == []


def test_equal_bytes_are_equal() -> None:
    assert Spooled.of(b"a") == Spooled.of(b"a") != Spooled.of(b"b")
    assert len({Spooled.of(b"a"), Spooled.of(b"a"), Spooled.of(b"b")}) == 2
    assert Spooled.of(b"a") != b"a"
