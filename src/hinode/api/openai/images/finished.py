"""The response object of a completed image job, with its pictures or links to them."""

from __future__ import annotations

import base64
from typing import Any

from starlette.requests import Request

from hinode.api.context import ApiContext
from hinode.api.openai.images.responses import images_object
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.service import JobService
from hinode.core.jobs.types import Job
from hinode.media.types import ArtifactRole
from hinode.storage import ObjectMissing


def finished_images(
    context: ApiContext, request: Request, caller: Caller, job: Job, *, inline: bool
) -> dict[str, Any]:
    """Return the response object; ``inline``: with the pictures in base64 instead of URLs.

    Raises :class:`HinodeError` if the files were deleted.
    """
    jobs, role = context.core.jobs, ArtifactRole.IMAGE
    if inline:
        pictures = [{"b64_json": one} for one in encoded_files(jobs, caller, job, role)]
    else:
        assets = jobs.rendered(caller, job.id, role)
        link = context.links.output_url
        pictures = [{"url": link(request, job, one.output)} for one in assets]
    return images_object(job, pictures)


def encoded_files(jobs: JobService, caller: Caller, job: Job, role: ArtifactRole) -> list[str]:
    """Return the files of a completed job with this role, in base64.

    Raises :class:`HinodeError` if they were deleted.
    """
    try:
        files = [jobs.store.get_bytes(one.key) for one in jobs.rendered(caller, job.id, role)]
    except ObjectMissing as error:
        raise HinodeError(ErrorCode.EXPIRED, "The files were deleted.", param="id") from error
    return [base64.b64encode(file).decode() for file in files]
