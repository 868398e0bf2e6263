"""Secrets stay out of the log, tracebacks included."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import logging, sys, structlog
from hinode.kit.logging import configure_logging

configure_logging(sys.argv[1], "info")
secret = "sk-" + "a" * 48
try:
    raise RuntimeError(f"refused {secret}")
except RuntimeError:
    structlog.get_logger().exception("ours", key=secret)
    logging.getLogger("theirs").exception("theirs")
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_key_reaches_the_log(form: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, form], capture_output=True, text=True, check=True
    )

    assert done.stderr.count("refused sk-***") == 2
    assert "aaaa" not in done.stdout + done.stderr
