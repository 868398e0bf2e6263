"""What a module of tests leaves changed in its process, where another one runs after it."""

from __future__ import annotations

import gc
import locale
import logging
import os
import signal
import socket
import sys
import threading
import time
import types
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from hinode.kit.log_context import merge_log_fields


@pytest.fixture(scope="module", autouse=True)
def nothing_left() -> Iterator[None]:
    """Hold each module to leaving the process as it was: the next one relies on it."""
    with changes() as found:
        yield
    assert not found, f"this module leaves changed: {', '.join(found)}"


@contextmanager
def changes() -> Iterator[list[str]]:
    """Yield a list that names, after the block, what the block has changed."""
    found: list[str] = []
    state, modules = process_state(), module_names()
    yield found
    now = process_state()
    found += (name for name, one in state.items() if now[name] != one)
    found += (
        f"{module}.{name}"
        for module, names in modules.items()
        for name, one in names.items()
        if vars(sys.modules[module]).get(name) is not one and _is_patched(name, one)
    )


def process_state() -> dict[str, object]:
    """Return what a test could change for those after it, by name."""
    os.umask(umask := os.umask(0o22))
    root = logging.getLogger()
    return {
        "os.environ": {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"},
        "the folder": os.getcwd(),
        "the umask": umask,
        "signal handlers": {one: signal.getsignal(one) for one in signal.valid_signals()},
        "structlog's configuration": structlog.get_config(),
        "fields of log lines": dict(merge_log_fields(None, "", {})),
        "logging": (root.level, tuple(root.handlers), root.manager.disable),
        "sys.path": tuple(sys.path),
        "sys.argv": tuple(sys.argv),
        "hooks": (sys.excepthook, sys.unraisablehook, threading.excepthook),
        "the locale": locale.setlocale(locale.LC_ALL),
        "the time zone": time.tzname,
        "the default timeout of sockets": socket.getdefaulttimeout(),
        "garbage collection": (gc.isenabled(), gc.get_threshold()),
    }


def module_names() -> dict[str, dict[str, object]]:
    """Return what the names of Hinode's modules stand for, by module."""
    return {
        name: dict(vars(module))
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] == "hinode"
    }


def _is_patched(name: str, before: object) -> bool:
    """Return whether nobody but a test changes this: a private name is its module's own."""
    return not name.startswith("_") and not isinstance(before, types.ModuleType)
