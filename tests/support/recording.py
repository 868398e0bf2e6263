"""Which test proves which route: written down while the tests run, for the reference page.

`make coverage` runs the tests with HINODE_RECORD=1; the servers of the test process log each
request, and the log knows the test that is running.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).parent.parent / "contracts" / "openai.json"
TRUTHS = ("proven_by_official_client", "from_captured_traffic", "our_choice")
RECORDING = os.environ.get("HINODE_RECORD") == "1"

_seen: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))


def record(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Note a logged request under the test that is running; a step of structlog."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0].split("[")[0]
    if RECORDING and test and event.get("event") == "request":
        _seen[f"{event['method']} {event['route']}"][str(event["status"])].add(test)
    return event


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was seen; of many tests that prove a status, the one of surest truth."""
    if not RECORDING:
        return
    truths = {item.nodeid.split("[")[0]: _truth(item) for item in session.items}
    found = {
        route: {status: _surest(tests, truths) for status, tests in sorted(by_status.items())}
        for route, by_status in sorted(_seen.items())
    }
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _truth(item: pytest.Item) -> str:
    marks = {mark.name for mark in item.iter_markers()}
    return next((truth for truth in TRUTHS if truth in marks), "")


def _surest(tests: set[str], truths: dict[str, str]) -> dict[str, str]:
    def rank(test: str) -> tuple[int, str]:
        truth = truths.get(test, "")
        return (TRUTHS.index(truth) if truth else len(TRUTHS), test)

    best = min(tests, key=rank)
    return {"test": best, "truth": truths.get(best, "")}
