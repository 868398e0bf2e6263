"""DashScope, the platform of Alibaba: asynchronous tasks, for Wan and Happy Horse.

Fields and paths as in the official SDK `dashscope` 2.0.2 (2026-11-29). A task can be cancelled
while it waits; a status UNKNOWN means that the task is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hinode.engines.base import Parameter, RenderSpec
from hinode.engines.hosted.paid_provider import (
    PaidProvider,
    canvas_of,
    check_inputs,
    member,
    seconds_of,
    size_names,
)
from hinode.engines.hosted.pictures import MAX_IMAGE_BYTES
from hinode.engines.hosted.provider import ID, Call, TicketData
from hinode.engines.hosted.responses import no_job, patterns
from hinode.engines.remote.errors import FailureKind
from hinode.engines.remote.http import quote_segment
from hinode.engines.remote.polling import PollResult, RemoteStatus
from hinode.engines.remote.prompts import prompt_with_fields
from hinode.hosted_models.types import Canvas

_CREATE = "/services/aigc/video-generation/video-synthesis"
_ASYNC = {"x-dashscope-async": "enable"}
_LEGACY = ("wan2.2-", "wan2.5-", "wan2.6-")
"""Models that take a picture by a field of its own, and no last frame."""


class DashScopeProvider(PaidProvider):
    """DashScope: one task per video."""

    title = "DashScope"
    max_image_bytes = MAX_IMAGE_BYTES
    known_errors = patterns(
        (r"^Arrearage|^AllocationQuota|FreeTierOnly|overdue", FailureKind.QUOTA),
        (r"DataInspectionFailed|IPInfringementSuspect", FailureKind.MODERATION),
        (r"^Throttling", FailureKind.BUSY),
        (r"^InvalidApiKey", FailureKind.UNAUTHORIZED),
    )

    def create(self, spec: RenderSpec, callback_url: str | None) -> Call:
        """Return the create; DashScope calls back by other means than a URL."""
        model = self.model(spec)
        check_inputs(spec, model)
        canvas, fields = canvas_of(spec, model), self.fields(spec)
        negative = fields.pop(Parameter.NEGATIVE_PROMPT, None)
        given = {"prompt": prompt_with_fields(spec), **self._pictures(spec)}
        if negative is not None:
            given["negative_prompt"] = negative
        parameters = {
            "duration": seconds_of(spec, model),
            **{name: _size_value(name, canvas) for name in size_names(spec, model)},
            **fields,
        }
        body = {"model": self.model_name(spec), "input": given, "parameters": parameters}
        return Call("POST", _CREATE, body, _ASYNC)

    def _pictures(self, spec: RenderSpec) -> dict[str, Any]:
        first, last = self.picture(spec), self.picture(spec, last=True)
        if first is None:
            return {}
        if self.model_name(spec).startswith(_LEGACY):
            return {"img_url": first}
        media = [{"type": "first_frame", "url": first}]
        return {"media": media if last is None else [*media, {"type": "last_frame", "url": last}]}

    def job_id(self, body: Mapping[str, Any]) -> object:
        """Return the id of the task."""
        return member(body, "output").get("task_id")

    def poll(self, ticket: TicketData) -> Call:
        """Return the request for the task."""
        return Call("GET", _path(ticket))

    def read(self, body: Mapping[str, Any], ticket: TicketData) -> PollResult:
        """Return what a task means."""
        output = member(body, "output")
        if output.get("task_id") != ticket[ID]:
            raise no_job()
        usage = member(body, "usage")
        return self.result(
            output.get("task_status"),
            [output.get("video_url")],
            error=(output.get("code"), output.get("message")),
            cost=usage.get("video_duration", usage.get("duration")),
        )

    def stop(self, ticket: TicketData, status: RemoteStatus | None) -> Call | None:
        """Return the cancel of a task that was seen to wait."""
        return Call("POST", f"{_path(ticket)}/cancel") if status is RemoteStatus.QUEUED else None


def _size_value(name: str, canvas: Canvas) -> str:
    if name == "size":
        return f"{canvas.size.width}*{canvas.size.height}"
    return canvas.ratio if name == "ratio" else canvas.resolution


def _path(ticket: TicketData) -> str:
    return f"/tasks/{quote_segment(str(ticket[ID]))}"
