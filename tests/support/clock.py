"""The suite's own clock: it begins at another moment in every run, which pytest's header prints.

A test that holds a literal date, or counts on no midnight or month's end being near, fails in one
run or another, and ``SUITE_CLOCK=<the moment>`` repeats the run. The moment lies in the past:
ids and files carry the machine's time, and nothing may be older than the clock that a test holds.

`make clocks` moves the machine's clock instead, for what goes by that.
"""

from __future__ import annotations

import calendar
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hinode.testing.clock import FakeClock

VARIABLE = "SUITE_CLOCK"
FIRST_YEAR, YEARS = 2012, 12
_PRELOAD = "LD_PRELOAD"


def some_moment(dice: random.Random) -> datetime:
    """Return a second of these years; half of them lie in the last minute of a day."""
    year, month = FIRST_YEAR + dice.randrange(YEARS), dice.choice([*range(1, 13), 2, 12])
    last = calendar.monthrange(year, month)[1]
    if dice.random() < 0.5:
        since_midnight = timedelta(seconds=dice.randrange(86_400))
    else:
        since_midnight = timedelta(seconds=86_400 - dice.randint(1, 60))
    day = dice.choice([dice.randint(1, last), last])
    return datetime(year, month, day, tzinfo=UTC) + since_midnight


# In the environment, for the other processes of the same run.
START = datetime.fromisoformat(
    os.environ.setdefault(VARIABLE, some_moment(random.SystemRandom()).isoformat())
)


def suite_clock() -> FakeClock:
    """Return a clock that stands where this run's clocks begin."""
    return FakeClock(START)


def date_files(folder: Path, clock: FakeClock) -> None:
    """Date all files below a folder by the clock, as if they had just been written."""
    moment = clock.now().timestamp()
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (moment, moment))


@contextmanager
def true_clock() -> Iterator[None]:
    """Start processes that go by the machine's clock, even when `make clocks` moves ours."""
    preloaded = os.environ.pop(_PRELOAD, None)
    try:
        yield
    finally:
        if preloaded is not None:
            os.environ[_PRELOAD] = preloaded


def pytest_sessionstart(session: pytest.Session) -> None:
    """Print where the clocks begin: a header of pytest's own does not show with ``-q``."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(session.config, "workerinput"):
        reporter.write_line(f"clocks begin at {VARIABLE}={START.isoformat()}")
