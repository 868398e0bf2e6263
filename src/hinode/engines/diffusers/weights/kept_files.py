"""The files of a model that are there from an earlier pull, and still what was got."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from hinode.engines.base import EngineError
from hinode.engines.diffusers.weights.download import digest
from hinode.engines.diffusers.weights.hub import HubFile
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.manifest import MANIFEST, FileRecord, Manifest


def kept_files(
    folder: Path, record: Manifest | None, files: Iterable[HubFile]
) -> dict[str, FileRecord]:
    """Return the files that are in a folder with the content that the hub has, by path.

    One that was proved when it was got counts unless it was changed since. All others of its size
    are read whole: those that are in no record, and every one where the model cannot be loaded.
    """
    proved = {} if record is None else dict(_unchanged(folder, record))
    return {
        one.path: FileRecord(one.size, one.digest)
        for one in files
        if _size(folder / one.path) == one.size
        and (proved.get(one.path) == FileRecord(one.size, one.digest) or _is_content(folder, one))
    }


def _unchanged(folder: Path, record: Manifest) -> Iterator[tuple[str, FileRecord]]:
    """Yield the files of a record that nobody wrote to since the record was written."""
    if record.complete and not _can_be_read(folder):
        return
    written = (folder / MANIFEST).stat().st_mtime_ns
    for path, one in record.files.items():
        file = folder / path
        if file.is_file() and file.stat().st_mtime_ns <= written:
            yield path, one


def _can_be_read(folder: Path) -> bool:
    try:
        return not inspect(folder).missing
    except (EngineError, OSError):
        return False


def _is_content(folder: Path, file: HubFile) -> bool:
    return digest(folder / file.path, file) == file.digest


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None
