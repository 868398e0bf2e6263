"""Reading a response that must be a success."""

from __future__ import annotations

from typing import Any

import httpx


def good(response: httpx.Response) -> dict[str, Any]:
    """Return the object of a 200, or fail with what came instead."""
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    assert isinstance(body, dict)
    return body
