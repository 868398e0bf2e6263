"""Runway's API: tasks of text or of a first frame, for its own and other makers' models.

Shapes and rules as in the types of the official SDK `runwayml` 5.24.0 (2026-11-29). A delete
cancels a task that runs, and destroys the video of one that has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from hinode.engines.base import Parameter, RenderSpec
from hinode.engines.hosted.paid_provider import (
    PaidProvider,
    canvas_of,
    check_inputs,
    member,
    seconds_of,
    size_names,
)
from hinode.engines.hosted.provider import ID, Call, TicketData
from hinode.engines.hosted.responses import no_job, patterns
from hinode.engines.remote.errors import FailureKind
from hinode.engines.remote.http import quote_segment
from hinode.engines.remote.polling import PollResult, RemoteStatus, parse_progress
from hinode.engines.remote.prompts import prompt_with_fields
from hinode.hosted_models.types import Canvas, HostedModel

_VERSION = "2024-11-06"
_STOPPABLE = (RemoteStatus.QUEUED, RemoteStatus.RUNNING)


class RunwayProvider(PaidProvider):
    """Runway: one task per video."""

    title = "Runway"
    known_errors = patterns(
        (r"enough credits", FailureKind.QUOTA),
        (r"^(INPUT_PREPROCESSING\.)?SAFETY\b|content moderation", FailureKind.MODERATION),
    )
    # A data: URL has at most 5 MB, a third more than the picture.
    max_image_bytes = 3_800_000
    parameter_names: ClassVar[Mapping[Parameter, str]] = {
        Parameter.NEGATIVE_PROMPT: "negativePrompt",
        Parameter.GENERATE_AUDIO: "audio",
    }

    def headers(self, secret: str) -> Mapping[str, str]:
        """Return the bearer token and the version of the API."""
        return {**super().headers(secret), "x-runway-version": _VERSION}

    def create(self, spec: RenderSpec, callback_url: str | None) -> Call:
        """Return the create; Runway calls nobody back."""
        model = self.model(spec)
        check_inputs(spec, model)
        body = {
            "model": self.model_name(spec),
            "promptText": prompt_with_fields(spec),
            "duration": seconds_of(spec, model),
            **_size_fields(spec, model),
            **self.fields(spec),
        }
        first, last = self.picture(spec), self.picture(spec, last=True)
        if first is None:
            return Call("POST", "/v1/text_to_video", body)
        images = [{"uri": first, "position": "first"}]
        if last is not None:
            images.append({"uri": last, "position": "last"})
        return Call("POST", "/v1/image_to_video", {**body, "promptImage": images})

    def poll(self, ticket: TicketData) -> Call:
        """Return the request for the task."""
        return Call("GET", _path(ticket))

    def read(self, body: Mapping[str, Any], ticket: TicketData) -> PollResult:
        """Return what a task means."""
        if body.get("id") != ticket[ID]:
            raise no_job()
        progress, output = body.get("progress"), body.get("output")
        return self.result(
            body.get("status"),
            output if isinstance(output, list) else (),
            error=(body.get("failureCode"), body.get("failure")),
            cost=member(body, "cost").get("credits"),
            progress=parse_progress(100 * progress if isinstance(progress, int | float) else 0),
        )

    def stop(self, ticket: TicketData, status: RemoteStatus | None) -> Call | None:
        """Return the delete of a task that was seen to run."""
        return Call("DELETE", _path(ticket)) if status in _STOPPABLE else None


def _size_fields(spec: RenderSpec, model: HostedModel | None) -> dict[str, str]:
    canvas = canvas_of(spec, model)
    names = ("ratio",) if model is None else size_names(spec, model)
    return dict(_size_field(name, canvas) for name in names)


def _size_field(name: str, canvas: Canvas) -> tuple[str, str]:
    if name == "auto":
        return "ratio", f"auto_{canvas.resolution}"
    return name, canvas.ratio if name == "ratio" else canvas.resolution


def _path(ticket: TicketData) -> str:
    return f"/v1/tasks/{quote_segment(str(ticket[ID]))}"
