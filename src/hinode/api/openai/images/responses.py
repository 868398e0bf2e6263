"""Serializers of completed image jobs: response object and stream events; no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hinode.api.json_text import dump
from hinode.core.jobs.types import Job

QUALITY = "high"
"""The only quality, whatever the request has."""

BACKGROUND = "opaque"


def images_object(job: Job, pictures: Sequence[dict[str, str]]) -> dict[str, Any]:
    """Return the response object; each of ``pictures`` has ``b64_json`` or ``url``."""
    return {
        "created": int(job.created_at.timestamp()),
        "data": [{**one, "revised_prompt": job.prompt} for one in pictures],
        **_facts(job),
        "usage": _usage(),
        "model": job.model,
        "credits": job.charged,
    }


def partial_event(job: Job, prefix: str, b64_json: str, index: int) -> bytes:
    """Return the event of a partial image; ``index`` counts from 0."""
    kind = f"{prefix}.partial_image"
    return _event(kind, {**_shown(job, b64_json), "partial_image_index": index})


def completed_event(job: Job, prefix: str, b64_json: str) -> bytes:
    """Return the event of a final image."""
    return _event(f"{prefix}.completed", {**_shown(job, b64_json), "usage": _usage()})


def _shown(job: Job, b64_json: str) -> dict[str, Any]:
    return {"b64_json": b64_json, "created_at": int(job.created_at.timestamp()), **_facts(job)}


def _facts(job: Job) -> dict[str, Any]:
    return {
        "background": BACKGROUND,
        "output_format": job.options.picture_format.value,
        "quality": QUALITY,
        "size": str(job.plan.size),
    }


def _usage() -> dict[str, Any]:
    """Return zero tokens: clients expect the object, and images are charged in credits."""
    return {
        "total_tokens": 0,
        "input_tokens": 0,
        "output_tokens": 0,
        "input_tokens_details": {"text_tokens": 0, "image_tokens": 0},
    }


def _event(kind: str, fields: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: ".encode() + dump({"type": kind, **fields}) + b"\n\n"
