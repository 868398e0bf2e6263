"""A real OpenID Connect provider in a process of its own: the package oidc-provider-mock."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from tests.support import patient

_START_SECONDS = 60.0
_RUN = "from oidc_provider_mock.__main__ import run; run()"


@contextmanager
def openid_provider(people: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Run a provider that knows these people by their claims; return its issuer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    issuer = f"http://127.0.0.1:{port}"
    claims = [word for one in people for word in ("--user-claims", json.dumps(one))]
    command = [sys.executable, "-W", "ignore", "-c", _RUN, "--port", str(port), *claims]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(issuer, process)
        yield issuer
    finally:
        process.kill()
        process.wait()


def let_in(url: str, subject: str) -> str:
    """Log a person in at the provider, as its page does; return where it sends the browser."""
    answer = patient.post(url, data={"sub": subject}, timeout=30.0)
    assert answer.status_code in (302, 303), answer.text
    return answer.headers["location"]


def _wait(issuer: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            patient.get(f"{issuer}/.well-known/openid-configuration", timeout=5.0)
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the OpenID provider does not start")
