"""Which test proves which route: written down while the tests run, for the reference page.

`make coverage` runs the tests with RECORD_PROOFS=1; the servers of the test process log each
request, and the log knows the test that is running. A test of a server in a process of its own
says what it proves: ``@pytest.mark.proves("GET /v1/models", 200)``.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).parent.parent / "contracts" / "proven.json"
TRUTHS = ("proven_by_official_client", "from_captured_traffic", "our_choice")
RECORDING = os.environ.get("RECORD_PROOFS") == "1"

Proof = tuple[str, bool]
"""A test, and whether it ran itself when the request came, not the set-up of its module."""

_seen: dict[str, dict[str, set[Proof]]] = defaultdict(lambda: defaultdict(set))
_truths: dict[str, str] = {}


def record(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Note a logged request under the test that is running; a step of structlog."""
    test, _, phase = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")
    told = RECORDING and test and event.get("event") == "request"
    if told and event["method"] != "OPTIONS":  # answered alike everywhere; no page lists it
        route = f"{event['method']} {event['route'].replace(':path}', '}')}"
        proof = (_named(test), phase == "(call)")
        _seen[route][str(event["status"])].add(proof)
    return event


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was seen; a process of several hands it to the one that started them."""
    if not RECORDING:
        return
    # With processes of its own, the one that started them has collected nothing itself.
    for item in getattr(session, "items", []):
        _truths[_named(item.nodeid)] = _truth(item)
        for mark in item.iter_markers("proves"):
            _seen[mark.args[0]][str(mark.args[1])].add((_named(item.nodeid), True))
    handed_over = getattr(session.config, "workeroutput", None)
    if handed_over is None:
        _write()
        return
    handed_over["truths"] = dict(_truths)
    handed_over["seen"] = [
        [route, status, *proof]
        for route, by_status in _seen.items()
        for status, proofs in by_status.items()
        for proof in proofs
    ]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process has seen."""
    output = getattr(node, "workeroutput", {})
    _truths.update(output.get("truths", {}))
    for route, status, test, itself in output.get("seen", []):
        _seen[route][status].add((test, itself))


def _write() -> None:
    """Of many tests that prove a status, write down the one of surest truth and fewest routes."""
    seen = [proofs for by_status in _seen.values() for proofs in by_status.values()]
    breadth = Counter(test for proofs in seen for test, _ in proofs)
    found = {
        route: {
            status: _surest(tests, _truths, breadth) for status, tests in sorted(by_status.items())
        }
        for route, by_status in sorted(_seen.items())
    }
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _named(node_id: str) -> str:
    """Return a test's name without its parameters, and without the group of its process."""
    return re.split(r"[\[@]", node_id, maxsplit=1)[0]


def _truth(item: pytest.Item) -> str:
    marks = {mark.name for mark in item.iter_markers()}
    return next((truth for truth in TRUTHS if truth in marks), "")


def _surest(
    proofs: set[Proof], truths: dict[str, str], breadth: Mapping[str, int]
) -> dict[str, str]:
    def rank(proof: Proof) -> tuple[bool, int, int, str]:
        test, itself = proof
        truth = truths.get(test, "")
        return not itself, TRUTHS.index(truth) if truth else len(TRUTHS), breadth[test], test

    best, _ = min(proofs, key=rank)
    return {"test": best, "truth": truths.get(best, "")}
