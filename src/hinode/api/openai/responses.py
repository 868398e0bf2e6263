"""Finished answers of the OpenAI dialect."""

from __future__ import annotations

from starlette.responses import Response

from hinode.api.json_text import json_response
from hinode.api.openai import serializers
from hinode.core.jobs.types import JobDetail


def video_answer(detail: JobDetail) -> Response:
    """Answer with a video, and with when to ask for it again."""
    headers = {"openai-poll-after-ms": str(serializers.poll_after_ms(detail))}
    return json_response(serializers.video(detail), headers)
