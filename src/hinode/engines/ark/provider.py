"""Ark, the platform of ByteDance and BytePlus: tasks of content parts, for Seedance.

Shapes as in the types of the official SDK `byteplus-python-sdk-v2` 3.0.63 (2026-11-29). A delete
cancels a task that waits, cannot stop one that runs, and destroys one that has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hinode.engines.base import RenderSpec
from hinode.engines.hosted.content_parts import content_body
from hinode.engines.hosted.paid_provider import PaidProvider, member
from hinode.engines.hosted.pictures import MAX_IMAGE_BYTES
from hinode.engines.hosted.provider import ID, Call, TicketData
from hinode.engines.hosted.responses import no_job, patterns
from hinode.engines.remote.errors import FailureKind
from hinode.engines.remote.http import quote_segment
from hinode.engines.remote.polling import PollResult, RemoteStatus

_TASKS = "/contents/generations/tasks"


class ArkProvider(PaidProvider):
    """Ark: one task per video."""

    title = "Ark"
    max_image_bytes = MAX_IMAGE_BYTES
    known_errors = patterns(
        (r"^AccountOverdue|^SetLimitExceeded|insufficient balance", FailureKind.QUOTA),
        (r"SensitiveContent|PolicyViolation|RiskDetection", FailureKind.MODERATION),
        (r"^QuotaExceeded|RateLimitExceeded|ServerOverloaded", FailureKind.BUSY),
    )

    def create(self, spec: RenderSpec, callback_url: str | None) -> Call:
        """Return the create; Ark calls back at each change of status."""
        return Call("POST", _TASKS, content_body(self, spec, callback_url))

    def poll(self, ticket: TicketData) -> Call:
        """Return the request for the task."""
        return Call("GET", _path(ticket))

    def read(self, body: Mapping[str, Any], ticket: TicketData) -> PollResult:
        """Return what a task means."""
        if body.get("id") != ticket[ID]:
            raise no_job()
        error = member(body, "error")
        return self.result(
            body.get("status"),
            [member(body, "content").get("video_url")],
            error=(error.get("code"), error.get("message")),
            cost=member(body, "usage").get("completion_tokens"),
        )

    def stop(self, ticket: TicketData, status: RemoteStatus | None) -> Call | None:
        """Return the delete of a task that was seen to wait."""
        return Call("DELETE", _path(ticket)) if status is RemoteStatus.QUEUED else None


def _path(ticket: TicketData) -> str:
    return f"{_TASKS}/{quote_segment(str(ticket[ID]))}"
