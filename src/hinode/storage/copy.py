"""Copy objects of one store into another one, and check them."""

from __future__ import annotations

import mimetypes
import tempfile
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from hinode.storage.errors import ObjectMissing
from hinode.storage.store import ObjectStore, StoredObject

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class CopiedObjects:
    """The result of a copy; ``present`` were in the target already, with the same size."""

    copied: int
    present: int
    size: int


def copy_objects(
    source: ObjectStore,
    target: ObjectStore,
    objects: Collection[StoredObject],
    report: Callable[[StoredObject], None],
) -> CopiedObjects:
    """Copy each object whose size in the target is not the same; may be repeated after a stop.

    ``report`` gets each object when it is done. Raises
    :class:`hinode.storage.errors.StorageError`, also for a copy of another size.
    """

    def copy(one: StoredObject) -> bool:
        is_new = not _is_present(target, one)
        if is_new:
            _copy(source, target, one)
        report(one)
        return is_new

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        new = sum(pool.map(copy, objects))
    return CopiedObjects(new, len(objects) - new, sum(one.size for one in objects))


def _is_present(target: ObjectStore, one: StoredObject) -> bool:
    try:
        return target.head(one.key).size == one.size
    except ObjectMissing:
        return False


def _copy(source: ObjectStore, target: ObjectStore, one: StoredObject) -> None:
    kind = mimetypes.guess_type(one.key)[0] or "application/octet-stream"
    with tempfile.TemporaryDirectory(prefix="hinode-move-") as folder:
        path = Path(folder) / "object"
        source.download_to(one.key, path)
        target.put_file(one.key, path, kind)
