"""What is loaded before anybody asks for it: large libraries wait for their first use."""

from __future__ import annotations

import subprocess
import sys

import pytest

LARGE = ("alembic", "argon2", "av", "c2pa", "cryptography", "jwt", "numpy", "redis")


@pytest.mark.parametrize(
    ("loads", "later"),
    [
        ("hinode.cli.server, hinode.worker", LARGE),
        ("hinode.cli.main", (*LARGE, "dbos", "sqlalchemy", "starlette")),
    ],
    ids=["server", "command"],
)
def test_a_start_goes_without_what_only_some_uses_need(loads: str, later: tuple[str, ...]) -> None:
    program = f"import sys, {loads}\nprint(*(name for name in {later!r} if name in sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.split() == []
