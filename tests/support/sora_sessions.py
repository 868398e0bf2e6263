"""Sessions of the Sora dialect, as its clients open and renew them."""

from __future__ import annotations

from typing import Any

import httpx
import jwt

from hinode.kit.ids import new_id
from tests.support.people import (
    COOKIE,
)

PASSWORD = "correct horse"
SESSION = ["accessToken", "account", "authProvider", "expires", "rumViewTags", "user"]


def signed_up(door: httpx.Client, **fields: object) -> dict[str, Any]:
    email = f"p{new_id().hex}@example.com"
    wanted = {"email": email, "password": PASSWORD, **fields}
    answer = door.post("/api/auth/signup", json=wanted)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def me(door: httpx.Client, token: str) -> httpx.Response:
    return door.get("/backend/me", headers={"authorization": f"Bearer {token}"})


def renewed(door: httpx.Client, cookie: str) -> httpx.Response:
    return door.get("/api/auth/session", headers={"cookie": f"{COOKIE}={cookie}"})


def claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def grant(refresh_token: str) -> dict[str, str]:
    """What clients send; which of the known client ids does not matter."""
    return {
        "client_id": "app_LlGpXReQgckcGGUo2JrYvtJK",
        "grant_type": "refresh_token",
        "redirect_uri": "com.openai.chat://auth0.openai.com/ios/com.openai.chat/callback",
        "refresh_token": refresh_token,
    }
