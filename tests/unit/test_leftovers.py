"""The guard that names what a module of tests leaves changed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from hinode.kit import passwords
from tests.support.leftovers import changes

CHANGED: dict[str, Callable[[pytest.MonkeyPatch], object]] = {
    "os.environ": lambda patch: patch.setenv("HINODE_PORT", "1"),
    "the folder": lambda patch: patch.chdir(Path(__file__).parent),
    "hinode.kit.passwords.PARAMETERS": lambda patch: patch.setattr(passwords, "PARAMETERS", None),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_is_changed_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with changes() as found:
        CHANGED[name](monkeypatch)
    assert found == [name]


def test_logging_that_is_set_up_anew_and_signals_are_named() -> None:
    kept, umask = structlog.get_config(), os.umask(0o22)
    handler = signal.getsignal(signal.SIGUSR1)
    try:
        with changes() as found:
            structlog.configure(processors=[])
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            os.umask(umask ^ 0o7)
    finally:
        structlog.configure(**kept)
        signal.signal(signal.SIGUSR1, handler)
        os.umask(umask)
    assert sorted(found) == ["signal handlers", "structlog's configuration", "the umask"]


def test_nothing_is_named_where_nothing_changed() -> None:
    with changes() as found:
        pass
    assert found == []
