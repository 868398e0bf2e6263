"""Client of the operator's text model, by OpenAI's chat completions API."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from hinode.api.json_text import dump
from hinode.config.text_model import TextModelSettings
from hinode.core.text_checks import MAX_PROMPT
from hinode.kit.proxy import parse_proxy
from hinode.kit.safe_fetch import FetchError, FetchPolicy
from hinode.kit.safe_post import post

MAX_CONCURRENT = 8
"""Concurrent requests to the model; more wait, within their timeout."""

_MAX_ANSWER = 400_000
_PORTS = {"http": 80, "https": 443}


class TextModelFailed(Exception):
    """The model returned no usable text; the message says why and contains no secret."""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A message of a conversation with the model."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class TextModel:
    """A text model; ``seconds`` is the timeout of a request, including the wait for a slot.

    With ``hosted`` true, what it is asked leaves the operator's own machines.
    """

    url: str
    model: str
    key: str = field(repr=False)
    seconds: float
    policy: FetchPolicy
    hosted: bool
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT))

    async def ask(self, messages: Sequence[TextMessage]) -> str:
        """Return the reply to a conversation. Raises :class:`TextModelFailed`."""
        said = [{"role": one.role, "content": one.content} for one in messages]
        body = dump({"model": self.model, "messages": said, "stream": False})
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self.key:
            headers["authorization"] = f"Bearer {self.key}"
        try:
            async with asyncio.timeout(self.seconds), self.slots:
                answer = await post(self.url, body, headers, policy=self.policy)
        except TimeoutError:
            raise TextModelFailed(f"no answer within {self.seconds:g} s") from None
        except FetchError as error:
            raise TextModelFailed(error.code.value) from error
        if answer.status != httpx.codes.OK:
            raise TextModelFailed(f"status {answer.status}")
        return _words(answer.body)


def open_text_model(settings: TextModelSettings) -> TextModel | None:
    """Return the client of the configured text model; None without one.

    The configured host may have a private address; redirects to others are not followed.
    Raises ``ValueError`` for a URL without a host.
    """
    if not settings.url:
        return None
    url = httpx.URL(settings.url.rstrip("/") + "/chat/completions")
    host = f"[{url.host}]" if ":" in url.host else url.host
    place = f"{host}:{url.port or _PORTS[url.scheme]}"
    key = settings.key or os.environ.get(settings.key_env, "")
    policy = FetchPolicy(
        _MAX_ANSWER,
        settings.timeout_seconds,
        max_redirects=0,
        allow_hosts=(place,),
        proxy=parse_proxy(settings.proxy),
    )
    seconds, hosted = settings.timeout_seconds, settings.is_hosted
    return TextModel(str(url), settings.model, key, seconds, policy, hosted)


def _words(body: bytes) -> str:
    try:
        words = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise TextModelFailed("the answer is no chat completion") from None
    if not isinstance(words, str) or not words.strip() or len(words) > MAX_PROMPT:
        raise TextModelFailed("the answer holds no usable text")
    return words.strip()
