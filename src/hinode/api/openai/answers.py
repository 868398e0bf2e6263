"""Finished answers of the OpenAI dialect."""

from __future__ import annotations

from starlette.responses import Response

from hinode.api.jsontext import dump
from hinode.api.openai import translate
from hinode.core.jobs.types import JobDetail


def json_answer(value: object, headers: dict[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(dump(value), headers=headers, media_type="application/json")


def video_answer(detail: JobDetail) -> Response:
    """Answer with a video, and with when to ask for it again."""
    headers = {"openai-poll-after-ms": str(translate.poll_after_ms(detail))}
    return json_answer(translate.video(detail), headers)
