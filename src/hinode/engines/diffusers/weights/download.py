"""Download one file of a model: resumed where it was cut, and proved by its digest."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from threading import Event

from hinode.engines.diffusers.weights.hub import HubError, HubFile, HubModel, ModelHub
from hinode.engines.diffusers.weights.names import HubName

PARTS = ".parts"
_SHA256_LENGTH = 64
_CHUNK = 1 << 20


class Stopped(Exception):
    """The download was told to stop."""


class FileDownload:
    """Downloads of files of one model into its folder.

    ``report`` gets the bytes that arrived since the last call, from any thread, and those that were
    there from an earlier download.
    """

    def __init__(
        self,
        hub: ModelHub,
        name: HubName,
        model: HubModel,
        folder: Path,
        report: Callable[[int], None],
        stop: Event,
    ) -> None:
        self._hub, self._name, self._model = hub, name, model
        self._folder, self._report, self._stop = folder, report, stop

    def fetch(self, file: HubFile) -> None:
        """Bring a file. Raises :class:`HubError`, :class:`Stopped` and ``OSError``.

        A connection that is cut is opened again as long as each brings something.
        """
        part = part_path(self._folder, file)
        part.parent.mkdir(exist_ok=True)
        self._report(min(_size(part), file.size))
        while True:
            before = _size(part)
            try:
                self._append(file, part)
                break
            except HubError as error:
                if error.code != "hub_unreachable" or _size(part) <= before:
                    raise
        self._prove(file, part)
        target = self._folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part, target)

    def _append(self, file: HubFile, part: Path) -> None:
        """Append what is missing of a part; a server that knows no ranges sends all of it again.

        What a server sends beyond the size that it told is not taken.
        """
        present = _size(part)
        if present >= file.size:
            part.touch()  # of an empty file there is none yet
            return
        with (
            self._hub.open(self._name, self._model, file.path, present) as found,
            part.open("r+b" if present else "wb") as target,
        ):
            target.seek(found.start)
            target.truncate()
            self._report(found.start - present)
            left = file.size - found.start
            for chunk in found.chunks:
                if self._stop.is_set():
                    raise Stopped
                taken = target.write(chunk[:left])
                self._report(taken)
                left -= taken
                if not left:
                    return

    def _prove(self, file: HubFile, part: Path) -> None:
        if _size(part) == file.size and digest(part, file) == file.digest:
            return
        part.unlink()
        raise HubError(
            "download_damaged",
            f"{file.path} of {self._name} arrived damaged and was removed. Run the command again.",
        )


def part_path(folder: Path, file: HubFile) -> Path:
    """Return the path of an unfinished file; it is of this path and this content only."""
    return folder / PARTS / f"{file.path.replace('/', '--')}.{file.digest}"


def digest(path: Path, file: HubFile) -> str:
    """Return a file's digest of the kind that the hub gives for it."""
    if len(file.digest) == _SHA256_LENGTH:
        found = hashlib.sha256()
    else:
        found = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def is_full(error: OSError) -> bool:
    """Return whether an error means that the disk has no room."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
