"""Classify failures of the host: disk, memory, file handles, processes, database, object store.

A host failure is transient and no fault of the request or the job: a client may retry the request,
and a job that meets one is resumed instead of failed.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator, Mapping
from concurrent.futures import BrokenExecutor
from enum import StrEnum

import psycopg
import sqlalchemy.exc

from hinode.storage.errors import ObjectMissing, StorageError


class HostFailure(StrEnum):
    """The part of the host that failed."""

    DISK_FULL = "disk_full"
    DISK = "disk"
    FILE_HANDLES = "file_handles"
    MEMORY = "memory"
    PROCESSES = "processes"
    """No process or thread can be started."""
    CHILD_PROCESS = "child_process"
    """A process that works for this one died."""
    DATABASE = "database"
    STORAGE = "storage"


_BY_ERRNO: Mapping[int, HostFailure] = {
    errno.ENOSPC: HostFailure.DISK_FULL,
    errno.EDQUOT: HostFailure.DISK_FULL,
    # A file above RLIMIT_FSIZE of this process; for the operator the same as a full quota.
    errno.EFBIG: HostFailure.DISK_FULL,
    errno.EROFS: HostFailure.DISK,
    errno.EIO: HostFailure.DISK,
    errno.EMFILE: HostFailure.FILE_HANDLES,
    errno.ENFILE: HostFailure.FILE_HANDLES,
    errno.ENOMEM: HostFailure.MEMORY,
    # fork(2) at RLIMIT_NPROC, the user's limit on processes.
    errno.EAGAIN: HostFailure.PROCESSES,
}

# Primary result codes: the low byte of SQLite's extended ones, https://sqlite.org/rescode.html.
_BY_SQLITE_CODE: Mapping[int, HostFailure] = {
    sqlite3.SQLITE_BUSY: HostFailure.DATABASE,
    sqlite3.SQLITE_LOCKED: HostFailure.DATABASE,
    sqlite3.SQLITE_PROTOCOL: HostFailure.DATABASE,
    sqlite3.SQLITE_CANTOPEN: HostFailure.DATABASE,
    sqlite3.SQLITE_READONLY: HostFailure.DISK,
    sqlite3.SQLITE_IOERR: HostFailure.DISK,
    sqlite3.SQLITE_FULL: HostFailure.DISK_FULL,
    sqlite3.SQLITE_NOMEM: HostFailure.MEMORY,
}
_POSTGRES_DISK_FULL = "53100"
# SQLSTATE classes of https://www.postgresql.org/docs/current/errcodes-appendix.html: connection
# exception, insufficient resources, operator intervention (shutdown) and system error. psycopg
# raises an error without a code when the connection itself fails.
_POSTGRES_CLASSES = ("08", "53", "57P", "58")


def host_failure(error: BaseException) -> HostFailure | None:
    """Return the part of the host that caused an error; None when the host did not cause it."""
    found = (_of_one(one) for one in _chain(error))
    return next((failure for failure in found if failure is not None), None)


def system_error(error: BaseException) -> int | None:
    """Return the number of the system's error that an error comes from; None without one."""
    found = (one.errno for one in _chain(error) if isinstance(one, OSError))
    return next((number for number in found if number), None)


def may_have_committed(error: BaseException) -> bool:
    """Return whether the transaction that raised this error may have been committed.

    When the connection breaks after COMMIT was sent and before it was confirmed, the client cannot
    know the result.
    """
    return any(
        isinstance(one, sqlalchemy.exc.DBAPIError) and one.connection_invalidated
        for one in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, then its causes: SQLAlchemy's ``orig`` before ``__cause__``."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        wrapped = getattr(following, "orig", None)
        following = wrapped if isinstance(wrapped, BaseException) else following.__cause__


def _of_one(error: BaseException) -> HostFailure | None:
    match error:
        case ObjectMissing():
            return None
        case StorageError():
            return _BY_ERRNO.get(error.errno or 0, HostFailure.STORAGE)
        case sqlite3.Error():
            return _BY_SQLITE_CODE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        case psycopg.OperationalError():
            return _of_postgres(error.sqlstate)
        case sqlalchemy.exc.TimeoutError():
            return HostFailure.DATABASE
        case MemoryError():
            return HostFailure.MEMORY
        case BrokenExecutor():
            return HostFailure.CHILD_PROCESS
        case RuntimeError(args=("can't start new thread",)):
            return HostFailure.PROCESSES
        case OSError(errno=int(code)):
            return _BY_ERRNO.get(code)
    return None


def _of_postgres(code: str | None) -> HostFailure | None:
    if code == _POSTGRES_DISK_FULL:
        return HostFailure.DISK_FULL
    lost = code is None or code.startswith(_POSTGRES_CLASSES)
    return HostFailure.DATABASE if lost else None
