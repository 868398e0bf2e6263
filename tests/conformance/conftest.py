"""Every expectation of another party's API says where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

ORIGINS = ("proven_by_official_client", "from_captured_traffic", "our_choice")
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test here that does not have exactly one of the three marks."""
    for item in items:
        if HERE in item.path.parents:
            found = [name for name in ORIGINS if item.get_closest_marker(name)]
            if len(found) != 1:
                raise pytest.UsageError(f"{item.nodeid}: mark it as one of {', '.join(ORIGINS)}")
