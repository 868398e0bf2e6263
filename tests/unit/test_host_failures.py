"""Failures of the host are told apart from those of a request or a job."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from hinode.core.host_failures import HostFailure, host_failure
from hinode.storage.errors import ObjectMissing, StorageError, storage_errors


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (errno.ENOSPC, HostFailure.DISK_FULL),
        (errno.EDQUOT, HostFailure.DISK_FULL),
        (errno.EROFS, HostFailure.DISK),
        (errno.EMFILE, HostFailure.FILE_HANDLES),
        (errno.ENOMEM, HostFailure.MEMORY),
        (errno.EAGAIN, HostFailure.PROCESSES),
        (errno.ENOENT, None),
        (errno.EACCES, None),
    ],
)
def test_system_errors_have_their_part(code: int, failure: HostFailure | None) -> None:
    assert host_failure(OSError(code, "trouble")) is failure


def test_a_store_that_fails_is_the_hosts_and_a_missing_object_is_not() -> None:
    with pytest.raises(StorageError) as full, storage_errors("write", "a/b"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert host_failure(full.value) is HostFailure.DISK_FULL
    assert host_failure(StorageError("away", hint="")) is HostFailure.STORAGE
    assert host_failure(ObjectMissing("a/b")) is None


def test_the_cause_counts() -> None:
    with pytest.raises(RuntimeError) as wrapped:
        raise RuntimeError("a step failed") from MemoryError()
    assert host_failure(wrapped.value) is HostFailure.MEMORY
    assert host_failure(BrokenProcessPool("killed")) is HostFailure.CHILD_PROCESS
    assert host_failure(RuntimeError("can't start new thread")) is HostFailure.PROCESSES
    assert host_failure(ValueError("a bug")) is None


@pytest.fixture
def full_database(tmp_path: Path) -> sa.Engine:
    """A SQLite database that has all the pages that it may have."""
    engine = sa.create_engine(f"sqlite:///{tmp_path}/full.db")

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=2")

    sa.event.listen(engine, "connect", limit)
    return engine


def _fill(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (zeroblob(100000))")


def _broken_query(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")


@pytest.mark.parametrize(
    ("statements", "failure"), [(_fill, HostFailure.DISK_FULL), (_broken_query, None)]
)
def test_sqlite_tells_a_full_disk_from_a_wrong_statement(
    full_database: sa.Engine,
    statements: Callable[[sa.Engine], None],
    failure: HostFailure | None,
) -> None:
    with pytest.raises(sa.exc.OperationalError) as raised:
        statements(full_database)
    assert host_failure(raised.value) is failure


def test_a_database_that_does_not_answer_is_the_hosts() -> None:
    engine = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(sa.exc.OperationalError) as raised:
        engine.connect()
    assert host_failure(raised.value) is HostFailure.DATABASE
    assert host_failure(psycopg.errors.DiskFull()) is HostFailure.DISK_FULL
    assert host_failure(psycopg.errors.AdminShutdown()) is HostFailure.DATABASE
    assert host_failure(psycopg.errors.UndefinedTable()) is None


def test_handles_that_ran_out_are_the_hosts() -> None:
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "from hinode.core.host_failures import host_failure\n"
        "held = []\n"
        "try:\n"
        "    while True: held.append(open('/dev/null'))\n"
        "except OSError as error: print(host_failure(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert done.stdout.strip() == "file_handles"
