"""Finished answers of the OpenAI dialect."""

from __future__ import annotations

from starlette.responses import Response

from hinode.api.json_text import dump
from hinode.api.openai import serializers
from hinode.core.jobs.types import JobDetail


def json_answer(value: object, headers: dict[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(dump(value), headers=headers, media_type="application/json")


def video_answer(detail: JobDetail) -> Response:
    """Answer with a video, and with when to ask for it again."""
    headers = {"openai-poll-after-ms": str(serializers.poll_after_ms(detail))}
    return json_answer(serializers.video(detail), headers)
