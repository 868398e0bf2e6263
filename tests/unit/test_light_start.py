"""What is loaded before anybody asks for it: large libraries wait for their first use."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent.parent.parent / "src"
LARGE = ("alembic", "argon2", "av", "c2pa", "cryptography", "jwt", "numpy", "redis")
TORCH = re.compile(r"^\s*(?:import|from) (?:torch|diffusers|transformers)\b", re.MULTILINE)
WITH_TORCH = tuple(
    ".".join(path.relative_to(SOURCES).with_suffix("").parts)
    for path in SOURCES.rglob("*.py")
    if TORCH.search(path.read_text(encoding="utf-8"))
)
"""Our modules that import torch: render processes only load them."""
SERVER = "hinode.cli.server, hinode.app, hinode.worker, hinode.engines.diffusers.engine"


def test_torch_is_imported_by_what_renders_only() -> None:
    assert WITH_TORCH
    assert all(one.startswith("hinode.engines.diffusers.rendering.") for one in WITH_TORCH)


@pytest.mark.parametrize(
    ("loads", "later"),
    [
        (SERVER, (*LARGE, *WITH_TORCH)),
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
