"""MiniMax's second API: tasks of content parts, for H3.

No official SDK has it; shapes as pages about the API show them (2026-11-29). None shows how a task
is stopped: a canceled one renders on, and nothing of it is ever deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hinode.engines.base import Parameter, RenderSpec
from hinode.engines.hosted.content_parts import content_body
from hinode.engines.hosted.paid_provider import PaidProvider, member
from hinode.engines.hosted.pictures import MAX_IMAGE_BYTES
from hinode.engines.hosted.provider import ID, Call, TicketData
from hinode.engines.hosted.responses import patterns
from hinode.engines.remote.errors import FailureKind
from hinode.engines.remote.http import quote_segment
from hinode.engines.remote.polling import PollResult, RemoteStatus


class MiniMaxProvider(PaidProvider):
    """MiniMax: one task per video; it always has sound."""

    title = "MiniMax"
    max_image_bytes = MAX_IMAGE_BYTES
    parameters = frozenset({Parameter.STYLE, Parameter.LAST_FRAME})
    known_errors = patterns(
        (r"^1008\b|insufficient balance", FailureKind.QUOTA),
        (r"^102[67]\b|sensitive", FailureKind.MODERATION),
        (r"^1002\b|rate limit", FailureKind.BUSY),
        (r"^(1004|2049)\b", FailureKind.UNAUTHORIZED),
    )

    def create(self, spec: RenderSpec, callback_url: str | None) -> Call:
        """Return the create; MiniMax calls back."""
        return Call("POST", "/v2/video_generation", content_body(self, spec, callback_url))

    def job_id(self, body: Mapping[str, Any]) -> object:
        """Return the id of the task."""
        return body.get("task_id")

    def poll(self, ticket: TicketData) -> Call:
        """Return the request for the task."""
        return Call("GET", _path(ticket))

    def read(self, body: Mapping[str, Any], ticket: TicketData) -> PollResult:
        """Return what a task means."""
        task = member(body, "task")
        error = member(task, "error")
        code = error.get("code")
        return self.result(
            task.get("status"),
            [member(task, "content").get("url")],
            error=(str(code) if isinstance(code, int) else code, error.get("message")),
            cost=member(task, "usage").get("duration"),
        )

    def stop(self, ticket: TicketData, status: RemoteStatus | None) -> Call | None:
        """Return nothing to send: no way to stop a task is known."""
        return None


def _path(ticket: TicketData) -> str:
    return f"/v2/query/video_generation/{quote_segment(str(ticket[ID]))}"
