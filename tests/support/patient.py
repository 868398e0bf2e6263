"""HTTP clients of the tests: made at once, and patient.

A new client of httpx reads all authorities of TLS, for a few dozen milliseconds; the tests make
thousands, and share one context. A busy machine answers late, which is no failure.
"""

from __future__ import annotations

import functools
import ssl
from contextlib import AbstractContextManager
from typing import Any

import httpx

PATIENCE_SECONDS = 30.0


class Client(httpx.Client):
    """A client that takes the same options as httpx's."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**_patient(options))


class AsyncClient(httpx.AsyncClient):
    """An asynchronous client that takes the same options as httpx's."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**_patient(options))


def request(method: str, url: str, **options: Any) -> httpx.Response:
    """Return the answer to one request."""
    return httpx.request(method, url, **_patient(options))


def get(url: str, **options: Any) -> httpx.Response:
    """Return the answer to a GET."""
    return request("GET", url, **options)


def head(url: str, **options: Any) -> httpx.Response:
    """Return the answer to a HEAD."""
    return request("HEAD", url, **options)


def options_of(url: str, **options: Any) -> httpx.Response:
    """Return the answer to an OPTIONS."""
    return request("OPTIONS", url, **options)


def post(url: str, **options: Any) -> httpx.Response:
    """Return the answer to a POST."""
    return request("POST", url, **options)


def stream(method: str, url: str, **options: Any) -> AbstractContextManager[httpx.Response]:
    """Return the answer to one request before its body has come."""
    return httpx.stream(method, url, **_patient(options))


def _patient(options: dict[str, Any]) -> dict[str, Any]:
    return {"verify": _authorities(), "timeout": PATIENCE_SECONDS, **options}


@functools.cache
def _authorities() -> ssl.SSLContext:
    return httpx.create_ssl_context()
