"""Print which tests of the full tier the change since the last landed commit calls for.

The last landed commit is TOUCHED_SINCE, else where this branch left origin/main, else the first
parent. Without any of them (a shallow clone) the tests under `?` in full-paths are printed.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

TABLE = Path(__file__).parent / "full-paths"
UNKNOWN = "?"


def read_table(text: str) -> list[tuple[str, list[str]]]:
    """Read the lines of full-paths: how a path begins, and tests."""
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    return [(words[0], words[1:]) for words in lines if words]


def tests_for(paths: list[str] | None, table: list[tuple[str, list[str]]]) -> list[str]:
    """Return the tests that touched paths call for; None: nobody knows what was touched."""
    touched = [UNKNOWN] if paths is None else paths
    found = [tests for begins, tests in table if any(one.startswith(begins) for one in touched)]
    return sorted({test for tests in found for test in tests})


def touched() -> list[str] | None:
    """Return the paths that differ from the last landed commit; None when there is none."""
    head, main = _git("rev-parse", "HEAD"), _git("merge-base", "HEAD", "origin/main")
    base = os.environ.get("TOUCHED_SINCE") or (main if main != head else None)
    base = base or _git("rev-parse", "--verify", "HEAD^1")
    differ = _git("diff", "--name-only", "--no-renames", base) if base else None
    return None if differ is None else differ.splitlines()


def _git(*words: str) -> str | None:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


if __name__ == "__main__":
    print(*tests_for(touched(), read_table(TABLE.read_text(encoding="utf-8"))))
