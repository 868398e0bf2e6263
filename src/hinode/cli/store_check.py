"""Tell the operator at the start of a server or worker when its object store cannot be used.

Nothing is contacted to open a bucket: a wrong name or credential would show at the first render.
The start does not wait for the answer, so that a store that is away delays nobody.
"""

from __future__ import annotations

import threading

import structlog

from hinode.storage.errors import StorageError
from hinode.storage.store import ObjectStore

log = structlog.get_logger("hinode.start")


def check_store_at_start(store: ObjectStore) -> threading.Thread:
    """Write, read and delete a probe object in a thread; a failure is logged with its remedy."""
    thread = threading.Thread(target=_check, args=(store,), name="hinode-store-check", daemon=True)
    thread.start()
    return thread


def _check(store: ObjectStore) -> None:
    try:
        store.check()
    except (StorageError, OSError) as error:
        log.error(
            "the object store cannot be used: no video can be kept until it can",
            reason=str(error),
            remedy=getattr(error, "hint", "Run `hinode doctor`."),
        )
