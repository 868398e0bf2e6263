"""Get a model from a hub into the folder of models, or what is missing of it."""

from __future__ import annotations

import errno
import os
import shutil
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread

from hinode.engines.diffusers.weights.download import (
    PARTS,
    FileDownload,
    is_full,
    part_path,
)
from hinode.engines.diffusers.weights.errors import UnusableModel
from hinode.engines.diffusers.weights.hub import (
    HubError,
    HubFile,
    HubModel,
    ModelHub,
    parse_json,
)
from hinode.engines.diffusers.weights.inspection import rendered_class
from hinode.engines.diffusers.weights.kept_files import kept_files
from hinode.engines.diffusers.weights.manifest import (
    MANIFEST,
    FileRecord,
    Manifest,
    read_manifest,
    write_manifest,
)
from hinode.engines.diffusers.weights.names import HubName
from hinode.engines.diffusers.weights.pull_lock import alone
from hinode.engines.diffusers.weights.selection import (
    index_name,
    pickled_component,
    select_files,
)

_AT_ONCE = 4
_MOST_INDEX = 1 << 20
_GB = 1_000_000_000

Report = Callable[[int, int], None]
"""Gets the bytes that are there, and those of the whole model; from any thread."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that was got; ``moved_to`` is its name now, where the hub has renamed it."""

    folder: Path
    manifest: Manifest
    moved_to: str | None


def pull(
    name: HubName,
    models: Path,
    hub: ModelHub,
    report: Report = lambda _done, _total: None,
    reserve: int = 0,
    *,
    waits: bool = False,
) -> Pulled:
    """Get a model; what is there is kept, what was cut goes on, what is old is removed.

    What was changed since it was got, or keeps the model from being loaded, is proved and got anew.
    ``reserve`` are the bytes to leave free on the disk. With ``waits`` it runs after another pull
    of the same model, else it is refused while that runs. Raises :class:`HubError`, and
    :class:`UnusableModel` for a repository that holds no model in the form of diffusers.
    """
    model = hub.model(name)
    chosen = _choose(name, model, hub)
    folder = models / name.folder_name
    folder.mkdir(parents=True, exist_ok=True)
    moved = model.repository if model.repository != name.repository else None
    with alone(folder, name, waits=waits):
        old = read_manifest(folder)
        kept = kept_files(folder, old, chosen)
        if old is not None and old.complete and _is_whole(old, model, kept, chosen):
            (folder / MANIFEST).touch()  # no file of it was changed since
            return Pulled(folder, old, moved)
        record = _begin(name, model, folder, kept)
        _check_disk(folder, [one for one in chosen if one.path not in kept], reserve)
        record = _Pull(name, model, folder, record, hub, report).run(chosen)
        _remove_others(folder, chosen)
    return Pulled(folder, record, moved)


def _choose(name: HubName, model: HubModel, hub: ModelHub) -> list[HubFile]:
    files = {one.path: one for one in model.files}
    index = index_name(files)
    if index is None:
        raise UnusableModel(
            f"{name} has no model_index.json: it is no model in the form of diffusers. Look for "
            "its repository whose name ends in 'Diffusers' or 'diffusers'."
        )
    content = bytearray()
    with hub.open(name, model, index, 0) as found:
        for chunk in found.chunks:
            content += chunk
            if len(content) > _MOST_INDEX:
                raise UnusableModel(f"The index of {name} is no index: it is too large.")
    parts = parse_json(bytes(content))
    rendered_class(str(name), parts)
    if (pickled := pickled_component(files, parts)) is not None:
        raise UnusableModel(
            f"{pickled} of {name} has pickled weights only, which are never loaded, as they run "
            "code: take a repository or revision that has safetensors."
        )
    return [files[path] for path in select_files(files, parts)]


def _is_whole(
    record: Manifest, model: HubModel, kept: Mapping[str, FileRecord], files: list[HubFile]
) -> bool:
    """Return whether all of a revision is there; jobs may be reading it, so nothing is written."""
    return record.commit == model.commit and all(one.path in kept for one in files)


def _begin(name: HubName, model: HubModel, folder: Path, kept: dict[str, FileRecord]) -> Manifest:
    """Write the record of a model that is not complete yet, and return it."""
    record = Manifest(
        name.repository,
        name.revision,
        model.commit,
        model.licence,
        complete=False,
        files=kept,
    )
    write_manifest(folder, record)
    return record


def _check_disk(folder: Path, files: list[HubFile], reserve: int) -> None:
    parts = (part_path(folder, one) for one in files)
    present = sum(part.stat().st_size for part in parts if part.is_file())
    needed = sum(one.size for one in files) - present
    free = shutil.disk_usage(folder).free
    if needed and needed + reserve > free:
        raise _disk_full(
            f"{needed / _GB:.1f} GB are to be got and {reserve / _GB:.1f} GB kept free, and the "
            f"disk of {folder.parent} has {free / _GB:.1f} GB. Free some space, or give the "
            "setting model_folder a folder on another disk."
        ) from OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class _Pull:
    """The files of one model on their way."""

    def __init__(
        self,
        name: HubName,
        model: HubModel,
        folder: Path,
        record: Manifest,
        hub: ModelHub,
        report: Report,
    ) -> None:
        self._folder, self._record, self._report = folder, record, report
        self._stop, self._lock = Event(), Lock()
        self._done = self._total = 0
        self._download = FileDownload(hub, name, model, folder, self._arrived, self._stop)

    def run(self, files: list[HubFile]) -> Manifest:
        """Bring the files that are not there, and return the record of all."""
        self._total = sum(one.size for one in files)
        pending = [one for one in files if one.path not in self._record.files]
        self._arrived(self._total - sum(one.size for one in pending))
        self._fetch_all(pending)
        kept = {one.path: FileRecord(one.size, one.digest) for one in files}
        record = replace(self._record, complete=True, files=kept)
        write_manifest(self._folder, record)
        return record

    def _fetch_all(self, files: list[HubFile]) -> None:
        """Bring files, some at once. An interrupt waits for none: a hub may send nothing."""
        waiting, ended = deque(files), SimpleQueue[Exception | None]()
        work = partial(self._fetch_next, waiting, ended)
        threads = [Thread(target=work, daemon=True) for _ in range(min(_AT_ONCE, len(files)))]
        for one in threads:
            one.start()
        error = next((found for _ in files if (found := ended.get()) is not None), None)
        self._stop.set()
        for one in threads:
            one.join()
        if isinstance(error, OSError) and is_full(error):
            raise _disk_full(
                f"The disk of {self._folder.parent} is full. Free some space and run the "
                "command again: it goes on where it stopped."
            ) from error
        if error is not None:
            raise error

    def _fetch_next(self, waiting: deque[HubFile], ended: SimpleQueue[Exception | None]) -> None:
        with suppress(IndexError):  # none is left
            while not self._stop.is_set():
                file = waiting.popleft()
                try:
                    self._fetch(file)
                except Exception as error:
                    ended.put(error)
                    return
                ended.put(None)

    def _fetch(self, file: HubFile) -> None:
        self._download.fetch(file)
        with self._lock:
            files = self._record.files | {file.path: FileRecord(file.size, file.digest)}
            self._record = replace(self._record, files=files)
            write_manifest(self._folder, self._record)

    def _arrived(self, count: int) -> None:
        with self._lock:
            self._done += count
            self._report(self._done, self._total)


def _disk_full(message: str) -> HubError:
    return HubError("disk_full", message)


def _remove_others(folder: Path, files: list[HubFile]) -> None:
    """Remove the weights of an older revision, and unfinished files."""
    shutil.rmtree(folder / PARTS, ignore_errors=True)
    kept = {folder / one.path for one in files}
    for path in folder.glob("*/*"):
        if path.is_file() and path not in kept:
            path.unlink()
