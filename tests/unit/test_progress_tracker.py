"""Progress that is worth a write: more percent, or an end that has moved."""

from __future__ import annotations

import math

from hinode.core.jobs.types import ProgressReport
from hinode.workflows.progress import ProgressTracker


def test_only_what_has_changed_is_news() -> None:
    now = [0.0]
    tracker = ProgressTracker(lambda: now[0])
    assert tracker.take_news() is None
    tracker.report(0.1)
    tracker.report(0.05)
    assert tracker.take_news() == ProgressReport(10, None)
    tracker.report_remaining(100)
    assert tracker.take_news() == ProgressReport(10, 100.0)
    now[0] = 20.0
    tracker.report_remaining(80.5)  # the same end, almost
    assert tracker.take_news() is None
    tracker.report_remaining(95)
    assert tracker.take_news() == ProgressReport(10, 95.0)
    now[0] = 200.0
    tracker.report(0.5)
    assert tracker.take_news() == ProgressReport(50, 0.0)


def test_what_is_no_number_is_ignored() -> None:
    tracker = ProgressTracker(lambda: 0.0)
    for odd in (math.nan, math.inf):
        tracker.report(odd)
        tracker.report_remaining(odd)
    assert tracker.take_news() is None
