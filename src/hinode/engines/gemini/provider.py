"""Google's Gemini API: interactions in the background, for Gemini Omni.

Paths, names and statuses as in the types of the official SDK `google-genai` 3.6.1 (2026-11-29),
which refuses Veo for this API; that a length is spelled as Google's JSON spells durations (`8s`) is
taken from elsewhere. The video lies at an address of the API, or in the answer itself.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from hinode.engines.base import Parameter, RenderSpec
from hinode.engines.hosted.paid_provider import (
    PaidProvider,
    canvas_of,
    check_inputs,
    member,
    seconds_of,
)
from hinode.engines.hosted.pictures import MAX_IMAGE_BYTES
from hinode.engines.hosted.provider import DATA, ID, Call, TicketData
from hinode.engines.hosted.responses import no_job, patterns
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.http import quote_segment
from hinode.engines.remote.polling import PollResult, RemoteStatus
from hinode.engines.remote.prompts import prompt_with_fields

_INTERACTIONS = "/interactions"
_STOPPABLE = (RemoteStatus.QUEUED, RemoteStatus.RUNNING)
_FAILED = frozenset(
    {"budget_exceeded", "incomplete", "requires_action", "requires_continuation", "idle"}
)
"""Statuses of an interaction that makes no video any more."""
_FILE = re.compile(r"files/([a-z0-9]+)")


class GeminiProvider(PaidProvider):
    """Gemini: one interaction per video; it always has sound."""

    title = "Google"
    max_image_bytes = MAX_IMAGE_BYTES
    parameters = frozenset({Parameter.STYLE})
    known_errors = patterns(
        (r"credits are depleted|spending (cap|limit)", FailureKind.QUOTA),
        (r"safety|prohibited|content policy|usage guidelines", FailureKind.MODERATION),
        (r"api key not valid|api_key_invalid", FailureKind.UNAUTHORIZED),
    )

    def headers(self, secret: str) -> Mapping[str, str]:
        """Return the key, in a header of its own."""
        return {"x-goog-api-key": secret} if secret else {}

    def create(self, spec: RenderSpec, callback_url: str | None) -> Call:
        """Return the create; Gemini calls nobody back by a URL of a request."""
        model = self.model(spec)
        check_inputs(spec, model)
        canvas = canvas_of(spec, model)
        picture = self.picture(spec)
        content = [{"type": "text", "text": prompt_with_fields(spec)}]
        if picture is not None:
            kind, _, data = picture.removeprefix("data:").partition(";base64,")
            content.append({"type": "image", "mime_type": kind, "data": data})
        body = {
            "model": self.model_name(spec),
            "background": True,
            "input": [{"type": "user_input", "content": content}],
            "response_format": {
                "type": "video",
                "aspect_ratio": canvas.ratio,
                "resolution": canvas.resolution,
                "duration": f"{seconds_of(spec, model)}s",
                "delivery": "uri",
            },
            "generation_config": {
                "video_config": {"task": "image_to_video" if picture else "text_to_video"}
            },
            **self.fields(spec),
        }
        return Call("POST", _INTERACTIONS, body)

    def poll(self, ticket: TicketData) -> Call:
        """Return the request for the interaction."""
        return Call("GET", _path(ticket))

    def read(self, body: Mapping[str, Any], ticket: TicketData) -> PollResult:
        """Return what an interaction means."""
        if body.get("id") != ticket[ID]:
            raise no_job()
        status = body.get("status")
        video = next(_videos(body), {})
        result = self.result(
            "failed" if status in _FAILED else status,
            [self._address(video.get("uri"))],
            error=_reason(body),
            cost=member(body, "usage").get("total_tokens"),
        )
        data = video.get("data")
        if not isinstance(data, str):
            return result
        return replace(result, details={**result.details, DATA: _decoded(data)})

    def _address(self, uri: object) -> object:
        """Return where a file of the API is downloaded; another address as it is."""
        found = _FILE.search(uri) if isinstance(uri, str) else None
        return f"{self.settings.url}/files/{found[1]}:download?alt=media" if found else uri

    def stop(self, ticket: TicketData, status: RemoteStatus | None) -> Call | None:
        """Return the cancel of an interaction that was seen to run."""
        return Call("POST", f"{_path(ticket)}/cancel") if status in _STOPPABLE else None


def _videos(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    steps = body.get("steps")
    for step in steps if isinstance(steps, list) else ():
        content = step.get("content") if isinstance(step, Mapping) else None
        if not isinstance(content, list) or step.get("type") != "model_output":
            continue
        yield from (
            one for one in content if isinstance(one, Mapping) and one.get("type") == "video"
        )


def _reason(body: Mapping[str, Any]) -> tuple[object, object]:
    """Return the code and the message of the first error; else the status is the code."""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    if isinstance(first, Mapping):
        return first.get("code"), first.get("message")
    return body.get("status"), ""


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        raise UpstreamError(FailureKind.BAD_RESULT, "Its answer holds no video.") from None


def _path(ticket: TicketData) -> str:
    return f"{_INTERACTIONS}/{quote_segment(str(ticket[ID]))}"
