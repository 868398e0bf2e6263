"""Review the content of new jobs and of rendered ones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from hinode.core.assets.input_images import InputImage
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.lifecycle import NewJob
from hinode.core.jobs.types import Job
from hinode.media.types import Artifact
from hinode.moderation.gate import ModerationGate
from hinode.moderation.pictures import PictureFile, pictures_of_outputs, pictures_of_request
from hinode.moderation.types import (
    ModerationFailed,
    Review,
    ReviewedContent,
    ReviewStage,
    Verdict,
)

BLOCKED_CODE = "moderation_blocked"
REQUEST_BLOCKED = "The request was refused by the content policy."
OUTPUT_BLOCKED = "The output was refused by the content policy."
OUTPUT_NOT_REVIEWED = "The output could not be reviewed; nothing is charged. Send it again later."
_RETRY_SECONDS = 10


def review_new(
    gate: ModerationGate | None, caller: Caller, new: NewJob, images: Sequence[InputImage]
) -> NewJob:
    """Return a new job with its review; unchanged without moderation at this stage.

    Raises :class:`HinodeError` for a block, and where there is no verdict and failures block. It
    waits for the moderator, so it is called outside of transactions.
    """
    if gate is None or ReviewStage.CREATE not in gate.stages:
        return new
    files = [PictureFile(one.role.value, one.path) for one in images]
    content = ReviewedContent(
        stage=ReviewStage.CREATE,
        job_id=new.id,
        account_id=caller.account_id,
        model=new.resolved.model.id,
        kind=new.resolved.model.kind,
        action=new.action,
        texts=(new.prompt, *(shot.prompt for shot in new.options.shots)),
        pictures=pictures_of_request(files),
    )
    try:
        review = asyncio.run(gate.review(content))
    except ModerationFailed:
        raise HinodeError(
            ErrorCode.MODERATION_UNAVAILABLE,
            "The request could not be reviewed now.",
            hint="Send it again later.",
            retry_after=_RETRY_SECONDS,
        ) from None
    if review.verdict is Verdict.BLOCK:
        raise HinodeError(
            ErrorCode.CONTENT_BLOCKED, REQUEST_BLOCKED, param="prompt", hint="Change it."
        )
    return replace(new, review=review)


async def review_outputs(gate: ModerationGate, job: Job, rendered: Sequence[Artifact]) -> Review:
    """Return the verdict on the files of a job. Raises :class:`ModerationFailed`."""
    pictures = await asyncio.to_thread(pictures_of_outputs, rendered, gate.frames)
    return await gate.review(
        ReviewedContent(
            stage=ReviewStage.RENDER,
            job_id=job.id,
            account_id=job.account_id,
            model=job.model,
            kind=job.kind,
            action=job.action,
            texts=(job.prompt, *(shot.prompt for shot in job.options.shots)),
            pictures=pictures,
        )
    )
