"""The benchmark of cards runs on a processor too, and says what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.open_models import ROOT, TORCH_PYTHON

pytestmark = pytest.mark.full

SCRIPT = ROOT / "scripts" / "bench_gpu.py"


def bench(python: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [python, str(SCRIPT), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_a_tiny_model_is_measured(tiny_models: Path) -> None:
    words = ("--cpu", "--size", "64x64", "--frames", "5", "--steps", "1", "--runs", "1")
    done = bench(str(TORCH_PYTHON), str(tiny_models / "wan21"), *words)
    assert done.returncode == 0, done.stderr
    measured = ("load", "encode", "step", "decode", "total", "peak memory", "call / plain pipeline")
    for name in (*measured, "jobs an hour, model kept", "jobs an hour, loaded anew"):
        assert name in done.stdout


def test_a_line_says_what_is_missing() -> None:
    done = bench(sys.executable, "--cpu")
    assert (done.returncode, done.stdout) == (2, "")
    assert "torch" in done.stderr
    assert len(done.stderr.splitlines()) == 1
