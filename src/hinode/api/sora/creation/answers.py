"""From jobs and files to this part's objects; no I/O."""

from __future__ import annotations

from typing import Any

from hinode.api.sora.creation.expansion import Expansion
from hinode.api.sora.creation.sources import POINTER, media_id, pointed_id
from hinode.api.sora.creation.verbs import Created
from hinode.api.sora.drafts.ids import generation_id, task_id
from hinode.api.sora.drafts.task_json import PRIORITY, TYPES
from hinode.studio.catalog.types import Size
from hinode.studio.drafts.types import Place
from hinode.studio.files.types import File


def created(made: Created) -> dict[str, Any]:
    """Return the answer to a create."""
    return {
        "id": task_id(made.job.id),
        "priority": PRIORITY,
        "task_type": TYPES[made.job.kind],
        "rate_limit_and_credit_balance": made.quota.facts(),
    }


def created_many(made: Created) -> dict[str, Any]:
    """Return the answer to a bulk create: one task, whose generations are known by now."""
    answer, job = created(made), made.job
    places = range(job.plan.outputs)
    return {
        **answer,
        "ids": [answer["id"]],
        "generation_ids": [generation_id(Place(job.id, place)) for place in places],
    }


def upload(file: File, size: Size, url: str) -> dict[str, Any]:
    """Return an upload; its size in pixels is that of the picture as it is stored."""
    return {
        "id": media_id(file.id),
        "type": "image",
        "file_id": pointed_id(file.id),
        "title": file.name,
        "mime_type": file.content_type,
        "size": file.bytes,
        "width": size.width,
        "height": size.height,
        "url": url,
        "created_at": file.created_at.isoformat().replace("+00:00", "Z"),
    }


def pointed_file(file: File, url: str, use_case: str | None) -> dict[str, Any]:
    """Return an uploaded file with the pointer that later requests name it by.

    Nobody looks at who is in it, so ``contains_realistic_person`` only fills its place.
    """
    return {
        "file_id": pointed_id(file.id),
        "asset_pointer": POINTER + pointed_id(file.id),
        "azure_asset_pointer": None,
        "url": url,
        "size": file.bytes,
        "use_case": use_case,
        "contains_realistic_person": False,
    }


def enhanced(asked: Expansion, prompt: str, source: str) -> dict[str, Any]:
    """Return an expanded prompt; ``source`` says who wrote it."""
    return {
        "enhanced_prompt": prompt,
        "source": source,
        "expansion_level": asked.level.value,
        "duration_s": asked.seconds,
    }
