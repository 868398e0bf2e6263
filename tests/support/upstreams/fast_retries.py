"""Less waiting between tries: how long is no part of what tests of upstreams prove."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hinode.engines.remote import results, retries
from hinode.engines.sora import result_downloader, submitter

PAUSE_SECONDS = 0.01


@contextmanager
def fast_retries() -> Iterator[None]:
    """Let the engines of this process try again, and look again, almost at once."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (retries, results, result_downloader):
            patch.setattr(module, "_INITIAL_BACKOFF", PAUSE_SECONDS)
        patch.setattr(submitter, "_LEASE_POLL_SECONDS", 5 * PAUSE_SECONDS)
        patch.setattr(submitter, "_OVERLOAD_BACKOFF", (PAUSE_SECONDS,) * 3)
        yield
