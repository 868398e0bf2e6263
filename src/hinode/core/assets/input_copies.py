"""Copy the input files of one job for another."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.assets.types import Asset
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id

if TYPE_CHECKING:
    from hinode.storage.store import ObjectStore


@contextmanager
def copied_inputs(
    store: ObjectStore, inputs: Sequence[Asset], job_id: UUID, clock: Clock
) -> Iterator[list[Asset]]:
    """Store copies of inputs for a job and yield their assets; delete them if the block raises.

    Raises :class:`hinode.storage.errors.ObjectMissing` for an input whose file has gone.
    """
    copies = [
        replace(
            one,
            id=new_id(),
            job_id=job_id,
            key=f"uploads/{job_id.hex}/{PurePosixPath(one.key).name}",
            created_at=clock.now(),
        )
        for one in inputs
    ]
    try:
        for original, copy in zip(inputs, copies, strict=True):
            _copy(store, original, copy)
        yield copies
    except BaseException:
        store.delete([one.key for one in copies])
        raise


def _copy(store: ObjectStore, original: Asset, copy: Asset) -> None:
    with tempfile.TemporaryDirectory(prefix="hinode-") as folder:
        path = Path(folder) / "input"
        store.download_to(original.key, path)
        store.put_file(copy.key, path, copy.content_type)
