"""From jobs and files to this part's objects; no I/O."""

from __future__ import annotations

from typing import Any

from hinode.api.sora.create.handlers import CreatedJob
from hinode.api.sora.create.prompt_template import PromptExpansion
from hinode.api.sora.create.sources import POINTER_SCHEME, media_id, upload_file_id
from hinode.api.sora.drafts.ids import generation_id, task_id
from hinode.api.sora.drafts.task_serializers import PRIORITY, TASK_TYPES
from hinode.core.catalog.types import Size
from hinode.core.drafts.types import Place
from hinode.core.files.types import File


def created_task(made: CreatedJob) -> dict[str, Any]:
    """Return the answer to a create."""
    return {
        "id": task_id(made.job.id),
        "priority": PRIORITY,
        "task_type": TASK_TYPES[made.job.kind],
        "rate_limit_and_credit_balance": made.quota.rate_limit_fields(),
    }


def created_tasks(made: CreatedJob) -> dict[str, Any]:
    """Return the answer to a bulk create: one task, whose generations are known by now."""
    answer, job = created_task(made), made.job
    outputs = range(job.plan.outputs)
    return {
        **answer,
        "ids": [answer["id"]],
        "generation_ids": [generation_id(Place(job.id, index)) for index in outputs],
    }


def uploaded_image(file: File, size: Size, url: str) -> dict[str, Any]:
    """Return an upload; its size in pixels is that of the picture as it is stored."""
    return {
        "id": media_id(file.id),
        "type": "image",
        "file_id": upload_file_id(file.id),
        "title": file.name,
        "mime_type": file.content_type,
        "size": file.bytes,
        "width": size.width,
        "height": size.height,
        "url": url,
        "created_at": file.created_at.isoformat().replace("+00:00", "Z"),
    }


def uploaded_file(file: File, url: str, use_case: str | None) -> dict[str, Any]:
    """Return an uploaded file with the pointer that later requests name it by.

    Nobody looks at who is in it, so ``contains_realistic_person`` only fills its place.
    """
    return {
        "file_id": upload_file_id(file.id),
        "asset_pointer": POINTER_SCHEME + upload_file_id(file.id),
        "azure_asset_pointer": None,
        "url": url,
        "size": file.bytes,
        "use_case": use_case,
        "contains_realistic_person": False,
    }


def enhanced_prompt(body: PromptExpansion, prompt: str, source: str) -> dict[str, Any]:
    """Return an expanded prompt; ``source`` says who wrote it."""
    return {
        "enhanced_prompt": prompt,
        "source": source,
        "expansion_level": body.level.value,
        "duration_s": body.seconds,
    }
