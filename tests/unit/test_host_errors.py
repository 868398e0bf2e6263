"""The system's error behind what libraries raise is found, in whatever way they tell it."""

from __future__ import annotations

import errno

import av.error
import pytest

from hinode.engines.diffusers.rendering.clips import NotRenderable
from hinode.engines.diffusers.rendering.host_errors import system_errno


def wrapped(error: Exception, *, told: bool) -> Exception:
    """Return an error that was raised because of, or while handling, another one."""
    try:
        try:
            raise error
        except Exception as cause:
            if told:
                raise NotRenderable("source_unreadable", "it cannot be read") from cause
            raise KeyError("weights")  # noqa: B904 - as libraries do
    except Exception as outer:
        return outer


@pytest.mark.parametrize(
    ("error", "number"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), errno.ENOSPC),
        (OSError("no errno, as Pillow and transformers raise it"), None),
        (MemoryError(), errno.ENOMEM),
        (av.error.ExternalError(-542398533, "Generic error in an external library"), errno.ENOMEM),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), errno.ENOMEM),
        (Exception("I/O error: No space left on device (os error 28)"), errno.ENOSPC),
        (RuntimeError("shapes do not match"), None),
    ],
)
def test_a_number_is_found_alone_and_behind_others(error: Exception, number: int | None) -> None:
    assert system_errno(error) == number
    assert system_errno(wrapped(error, told=True)) == number
    assert system_errno(wrapped(error, told=False)) == number


def test_a_circle_of_causes_ends() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert system_errno(first) is None
