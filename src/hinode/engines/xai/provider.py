"""xAI's API: deferred videos of Grok Imagine.

Names and statuses as in the messages of the official SDK `xai-sdk` 1.21.0, which speaks gRPC; paths
and the shape of pictures as the documents of the REST API show them (2026-11-29). A request that is
pending is answered with 202; none can be stopped.
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
)
from hinode.engines.hosted.pictures import MAX_IMAGE_BYTES
from hinode.engines.hosted.provider import ID, Call, TicketData
from hinode.engines.hosted.responses import patterns
from hinode.engines.remote.errors import FailureKind
from hinode.engines.remote.http import quote_segment
from hinode.engines.remote.polling import PollResult, RemoteStatus, parse_progress
from hinode.engines.remote.prompts import prompt_with_fields


class XaiProvider(PaidProvider):
    """xAI: one deferred request per video."""

    title = "xAI"
    max_image_bytes = MAX_IMAGE_BYTES
    parameters = frozenset({Parameter.STYLE, Parameter.LAST_FRAME, Parameter.GENERATE_AUDIO})
    known_errors = patterns(
        (r"spending limit|out of credits|purchase more credits", FailureKind.QUOTA),
        (r"moderation|usage guidelines|safety", FailureKind.MODERATION),
        (r"incorrect api key|invalid api key", FailureKind.UNAUTHORIZED),
    )

    def create(self, spec: RenderSpec, callback_url: str | None) -> Call:
        """Return the create; xAI calls nobody back."""
        model = self.model(spec)
        check_inputs(spec, model)
        canvas = canvas_of(spec, model)
        body = {
            "model": self.model_name(spec),
            "prompt": prompt_with_fields(spec),
            "duration": seconds_of(spec, model),
            "aspect_ratio": canvas.ratio,
            "resolution": canvas.resolution,
            **self.fields(spec),
        }
        pictures = (("image", self.picture(spec)), ("last_frame", self.picture(spec, last=True)))
        body |= {name: {"url": url} for name, url in pictures if url is not None}
        return Call("POST", "/videos/generations", body)

    def job_id(self, body: Mapping[str, Any]) -> object:
        """Return the id of the request."""
        return body.get("request_id")

    def poll(self, ticket: TicketData) -> Call:
        """Return the request for the video."""
        return Call("GET", f"/videos/{quote_segment(str(ticket[ID]))}")

    def read(self, body: Mapping[str, Any], ticket: TicketData) -> PollResult:
        """Return what a deferred video means; one that broke the rules is done without a URL."""
        video, error = member(body, "video"), member(body, "error")
        status, reason = body.get("status"), (error.get("code"), error.get("message"))
        if status == "done" and video.get("respect_moderation") is False:
            status, reason = "failed", ("moderation", "The video broke the rules of its provider.")
        return self.result(
            status,
            [video.get("url")],
            error=reason,
            cost=member(body, "usage").get("cost_in_usd_ticks"),
            progress=parse_progress(body.get("progress")),
        )

    def stop(self, ticket: TicketData, status: RemoteStatus | None) -> Call | None:
        """Return nothing to send: xAI has no way to stop a request."""
        return None
