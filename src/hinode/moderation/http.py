"""A moderator that is asked by HTTP: JSON goes out, a verdict comes back."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import httpx

from hinode.kit.safe_fetch import FetchError, FetchPolicy
from hinode.kit.safe_post import post
from hinode.moderation.types import ModerationFailed, Review, ReviewedContent, Verdict

MAX_ANSWER = 65_536
_MAX_REASON = 500
_MAX_LABELS = 20
_MAX_LABEL = 60
_PORTS = {"http": 80, "https": 443}
_GIVEN = (Verdict.ALLOW, Verdict.FLAG, Verdict.LABEL, Verdict.BLOCK)


@dataclass(frozen=True, slots=True)
class HttpModerator:
    """A moderation service at a URL of the operator; ``secret`` is its bearer token."""

    url: str
    secret: str = field(repr=False)
    policy: FetchPolicy

    async def review(self, content: ReviewedContent) -> Review:
        """Post the content and return the verdict. Raises :class:`ModerationFailed`."""
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self.secret:
            headers["authorization"] = f"Bearer {self.secret}"
        try:
            answer = await post(
                self.url, request_body(content), headers, policy=self.policy, body_seconds=None
            )
        except FetchError as error:
            raise ModerationFailed(error.code.value) from None
        if answer.status != httpx.codes.OK:
            raise ModerationFailed(f"status {answer.status}")
        return parse_review(answer.body)


def open_http_moderator(url: str, secret: str, seconds: float) -> HttpModerator:
    """Return the moderator at a URL, whose host may have a private address.

    Redirects are not followed. Raises ``ValueError`` for a URL without a host.
    """
    parsed = httpx.URL(url)
    host = f"[{parsed.host}]" if ":" in parsed.host else parsed.host
    place = f"{host}:{parsed.port or _PORTS[parsed.scheme]}"
    policy = FetchPolicy(MAX_ANSWER, seconds, max_redirects=0, allow_hosts=(place,))
    return HttpModerator(url, secret, policy)


def request_body(content: ReviewedContent) -> bytes:
    """Return the JSON that a moderation service gets."""
    prompt, *shots = content.texts
    body = {
        "stage": content.stage.value,
        "job_id": str(content.job_id),
        "account_id": str(content.account_id),
        "model": content.model,
        "kind": content.kind.value,
        "action": content.action.value,
        "prompt": prompt,
        "shots": shots,
        "pictures": [
            {
                "role": one.role,
                "output": one.output,
                "content_type": "image/jpeg",
                "data": b64encode(one.jpeg).decode(),
            }
            for one in content.pictures
        ],
    }
    return json.dumps(body, ensure_ascii=False).encode()


def parse_review(body: bytes) -> Review:
    """Return the verdict in an answer. Raises :class:`ModerationFailed` for any other answer."""
    try:
        answer = json.loads(body)
        verdict = Verdict(answer["verdict"])
        labels = [_text(one, _MAX_LABEL) for one in _list(answer.get("labels", []))]
        reason = _text(answer.get("reason", ""), _MAX_REASON)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ModerationFailed("the answer holds no verdict") from None
    if verdict not in _GIVEN:
        raise ModerationFailed("the answer holds no verdict")
    return Review(verdict, reason, tuple(labels[:_MAX_LABELS]))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value[:longest]
