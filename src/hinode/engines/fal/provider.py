"""The queue of fal: any of its models, each by a path of its own.

Paths, headers and statuses as in the official SDK `fal-client` 1.0.3 (2026-11-29), which knows
nothing of the inputs of models: these are the usual names. A request that ended has its result, or
the reason why there is none, at an address of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from hinode.engines.base import JSON, RenderSpec
from hinode.engines.fal.settings import FalSettings
from hinode.engines.hosted.paid_provider import PaidProvider, canvas_of, member
from hinode.engines.hosted.pictures import MAX_IMAGE_BYTES
from hinode.engines.hosted.provider import ID, Call, TicketData
from hinode.engines.hosted.responses import patterns, poll_body, poll_error
from hinode.engines.remote.errors import FailureKind, extract_error
from hinode.engines.remote.http import UpstreamResponse, quote_segment
from hinode.engines.remote.polling import PollResult, RemoteStatus
from hinode.engines.remote.prompts import prompt_with_fields

_APP = "app"
_NAMESPACES = ("workflows", "comfy")
_STOPPABLE = (RemoteStatus.QUEUED, RemoteStatus.RUNNING)
_OF_THE_JOB = (400, 422)
"""Statuses of a result's address that tell of the job, and not of the queue."""


class FalProvider(PaidProvider):
    """The queue of fal: one request per video."""

    title = "fal"
    max_image_bytes = MAX_IMAGE_BYTES
    last_frame_needs_first = False
    known_errors = patterns(
        (r"exhausted balance|user is locked", FailureKind.QUOTA),
        (r"content_policy_violation", FailureKind.MODERATION),
    )

    def __init__(self, settings: FalSettings) -> None:
        super().__init__(settings)
        self._duration_as = settings.duration_as

    def headers(self, secret: str) -> Mapping[str, str]:
        """Return the key, which is no bearer token here."""
        return {"authorization": f"Key {secret}"} if secret else {}

    def create(self, spec: RenderSpec, callback_url: str | None) -> Call:
        """Return the create; the queue calls back."""
        canvas, first = canvas_of(spec, None), self.picture(spec)
        body: dict[str, Any] = {
            "prompt": prompt_with_fields(spec),
            "duration": self._duration(spec),
            "aspect_ratio": _nearest_ratio(canvas.size.width / canvas.size.height),
            "resolution": canvas.resolution,
            **self.fields(spec),
        }
        if first is not None:
            body["image_url"] = first
        last = self.picture(spec, last=True)
        if last is not None:
            body["end_image_url"] = last
        path = "/" + quote(self.model_name(spec).strip("/"))
        hook = "" if callback_url is None else f"?fal_webhook={quote(callback_url, safe='')}"
        return Call("POST", f"{path}{hook}", body)

    def _duration(self, spec: RenderSpec) -> str | int:
        seconds = max(1, round(spec.seconds))
        match self._duration_as:
            case "number":
                return seconds
            case "suffixed":
                return f"{seconds}s"
        return str(seconds)

    def job_id(self, body: Mapping[str, Any]) -> object:
        """Return the id of the request."""
        return body.get("request_id")

    def more(self, spec: RenderSpec) -> Mapping[str, JSON]:
        """Return the app of the model: a request is found below it, and not below the model."""
        parts = self.model_name(spec).strip("/").split("/")
        return {_APP: "/".join(parts[: 3 if parts[0] in _NAMESPACES else 2])}

    def poll(self, ticket: TicketData) -> Call:
        """Return the request for the status."""
        return Call("GET", f"{_path(ticket)}/status")

    def read(self, body: Mapping[str, Any], ticket: TicketData) -> PollResult:
        """Return what a status means; an error comes with the status of success."""
        if body.get("error"):
            return self.result("failed", error=(body.get("error_type"), body["error"]))
        return self.result(body.get("status"))

    def follow(self, ticket: TicketData) -> Call | None:
        """Return the request for the result."""
        return Call("GET", _path(ticket))

    def followed(self, response: UpstreamResponse, ticket: TicketData) -> PollResult:
        """Return what the answer of the model means."""
        if response.status in _OF_THE_JOB:
            return self.result("failed", error=extract_error(poll_body(response)))
        if not response.ok:
            raise poll_error(response, self.rejection(response))
        return self.result("completed", [member(poll_body(response), "video").get("url")])

    def stop(self, ticket: TicketData, status: RemoteStatus | None) -> Call | None:
        """Return the cancel of a request that was seen to wait or to run."""
        return Call("PUT", f"{_path(ticket)}/cancel") if status in _STOPPABLE else None


_RATIOS = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0, "4:3": 4 / 3, "3:4": 3 / 4, "21:9": 21 / 9}


def _nearest_ratio(wanted: float) -> str:
    return min(_RATIOS, key=lambda name: abs(_RATIOS[name] / wanted - 1))


def _path(ticket: TicketData) -> str:
    return f"/{quote(str(ticket[_APP]))}/requests/{quote_segment(str(ticket[ID]))}"
