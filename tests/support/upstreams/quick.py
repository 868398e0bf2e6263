"""Less waiting between tries: how long is no part of what tests of upstreams prove."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hinode.engines.remote import results, sending
from hinode.engines.sora import bringing, placing

PAUSE_SECONDS = 0.01


@contextmanager
def tried_quickly() -> Iterator[None]:
    """Let the engines of this process try again, and look again, almost at once."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (sending, results, bringing):
            patch.setattr(module, "_FIRST_PAUSE", PAUSE_SECONDS)
        patch.setattr(placing, "_LOOK_SECONDS", 5 * PAUSE_SECONDS)
        patch.setattr(placing, "_OVERLOAD_PAUSES", (PAUSE_SECONDS,) * 3)
        yield
