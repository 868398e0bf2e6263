"""What a server loads before anybody asks for it: large libraries wait for their first use."""

from __future__ import annotations

import subprocess
import sys

LARGE = ("alembic", "argon2", "av", "c2pa", "cryptography", "jwt", "numpy", "redis")

_PROGRAM = f"""
import sys
import hinode.cli.server, hinode.worker
print(*(name for name in {LARGE!r} if name in sys.modules))
"""


def test_a_server_starts_without_what_only_some_requests_need() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.split() == []
