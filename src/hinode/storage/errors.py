"""Errors of the object store, in words an operator can act on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

_QUERY = re.compile(r"\?\S*")
_CODE = re.compile(r"<Code>(\w{1,80})</Code>")
_DETAIL_LENGTH = 200


class StorageError(Exception):
    """A failed operation of the store; ``hint`` is the remedy, ``errno`` the system's code."""

    def __init__(self, message: str, *, hint: str, errno: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.errno = errno


class ObjectMissing(StorageError):
    """There is no object under ``key``."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"No object is stored under {key!r}.",
            hint="It was deleted, or it expired. Ask for the job again.",
        )
        self.key = key


@contextmanager
def storage_errors(action: str, key: str) -> Iterator[None]:
    """Raise :class:`StorageError` for whatever the library raises.

    The library's own exception is not chained: its text may hold a signed address.
    """
    try:
        yield
    except StorageError:
        raise
    except (BaseError, OSError, ValueError, NotImplementedError) as error:
        message = f"The object store could not {action} {key!r}: {first_line(error)}"
        code = error.errno if isinstance(error, OSError) else None
        raise StorageError(message, hint=_hint(error), errno=code) from None


@contextmanager
def object_errors(action: str, key: str) -> Iterator[None]:
    """As :func:`storage_errors`, where "not found" is about the object: ObjectMissing."""
    with storage_errors(action, key):
        try:
            yield
        except FileNotFoundError:
            raise ObjectMissing(key) from None


def first_line(error: BaseException) -> str:
    """The short form of a library's message, without query strings (signatures live there).

    A bucket tells the cause by a code in the XML that follows the first line.
    """
    text = str(error)
    line = _QUERY.sub("?…", text.partition("\n")[0])[:_DETAIL_LENGTH]
    code = _CODE.search(text)
    return f"{code[1]}: {line}" if code else line


def _hint(error: BaseException) -> str:
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return "Give the credentials read, write, list and delete on the bucket."
    if isinstance(error, PermissionError):
        return "Let the user that runs Hinode read and write the storage folder."
    if isinstance(error, OSError):
        return "Check that the bucket or folder is there, and that the disk is not full."
    return "Check the storage address, its credentials, and that it can be reached from here."
