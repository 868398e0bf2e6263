"""Created tasks, uploads and enhanced prompts as JSON."""

from __future__ import annotations

from typing import Any

from hinode.api.sora.create.creation import CreatedJob
from hinode.api.sora.drafts.task_serializers import PRIORITIES, TASK_TYPES
from hinode.api.sora.ids import POINTER_SCHEME, generation_id, media_id, pointed_file_id, task_id
from hinode.core.drafts.types import OutputPosition
from hinode.core.files.types import File
from hinode.media.image_header import ImageHeader


def created_task(made: CreatedJob) -> dict[str, Any]:
    """Return the answer to a create."""
    return {
        "id": task_id(made.job.id),
        "priority": PRIORITIES[made.job.priority],
        "task_type": TASK_TYPES[made.job.kind],
        "rate_limit_and_credit_balance": made.quota.rate_limit_fields(),
    }


def created_tasks(made: CreatedJob) -> dict[str, Any]:
    """Return the answer to a bulk create: one task and the ids of its generations."""
    answer, job = created_task(made), made.job
    outputs = range(job.plan.outputs)
    return {
        **answer,
        "ids": [answer["id"]],
        "generation_ids": [generation_id(OutputPosition(job.id, index)) for index in outputs],
    }


def uploaded_image(file: File, header: ImageHeader | None, url: str) -> dict[str, Any]:
    """Return an uploaded image; its size in pixels is that of the stored image."""
    return {
        "id": media_id(file.id),
        "type": "image",
        "file_id": pointed_file_id(file.id),
        "title": file.name,
        "mime_type": file.content_type,
        "size": file.bytes,
        "width": header.width if header else 0,
        "height": header.height if header else 0,
        "url": url,
        "created_at": file.created_at.isoformat().replace("+00:00", "Z"),
    }


def uploaded_file(file: File, url: str, use_case: str | None) -> dict[str, Any]:
    """Return an uploaded file with its asset pointer.

    Files are not searched for people, so ``contains_realistic_person`` is always false.
    """
    return {
        "file_id": pointed_file_id(file.id),
        "asset_pointer": POINTER_SCHEME + pointed_file_id(file.id),
        "azure_asset_pointer": None,
        "url": url,
        "size": file.bytes,
        "use_case": use_case,
        "contains_realistic_person": False,
    }
