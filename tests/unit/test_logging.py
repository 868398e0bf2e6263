"""Secrets stay out of the log, tracebacks included."""

from __future__ import annotations

import subprocess
import sys

import jwt
import pytest

from hinode.kit.redaction import redact_secrets

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


def test_no_token_reaches_the_log() -> None:
    token = jwt.encode({"sub": "ann"}, "k" * 32, "HS256")

    told = redact_secrets(None, "info", {"event": f"refused {token}, it ends", "count": 3})

    assert told == {"event": "refused eyJ***, it ends", "count": 3}


@pytest.mark.parametrize("base", ["", "https://video.example/studio"])
def test_no_signature_of_a_url_reaches_the_log(base: str) -> None:
    link = f"{base}/files/{'0f' * 16}.692aafd0/{'a' * 32}/0/video.mp4"

    told = redact_secrets(None, "info", {"event": f"asked for {link}"})

    assert told == {"event": f"asked for {base}/files/***/{'a' * 32}/0/video.mp4"}


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", f"{PROGRAM}print('went on')", "json"],
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            check=False,
        )

    assert done.stdout == "went on\n"
