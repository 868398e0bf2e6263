"""Publishing: what may become a post, and counting what becomes of it. No commits here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.assets.types import Asset
from hinode.core.auth.types import Caller
from hinode.core.drafts.types import Place
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import repository as jobs
from hinode.core.jobs.types import Job, JobState
from hinode.core.posts import repository
from hinode.core.posts.types import LONGEST_TEXT, Post
from hinode.core.text_checks import check_storable
from hinode.kit.ids import new_id
from hinode.media.types import ArtifactRole, MediaKind


def check_text(text: str) -> str:
    """Return a post's text unchanged; it may be empty. Raises :class:`HinodeError`."""
    if len(text) > LONGEST_TEXT:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"A post's text is too long; it has at most {LONGEST_TEXT} characters.",
            param="post_text",
        )
    check_storable(text, "post_text")
    return text


def publish(conn: sa.Connection, caller: Caller, place: Place, text: str, now: datetime) -> Post:
    """Publish a finished video of the caller's, or return the post that it is already.

    Raises :class:`HinodeError` for a video that is not theirs, not finished, or gone.
    """
    job = _own_video(conn, caller, place)
    file = _file(conn, job, place.output, now)
    return repository.insert(
        conn,
        Post(
            id=new_id(),
            account_id=caller.account_id,
            job_id=job.id,
            output=place.output,
            asset_id=file.id,
            text=check_text(text),
            views=0,
            remixes=0,
            created_at=now,
        ),
    )


def find(conn: sa.Connection, post_id: UUID) -> Post:
    """Return a post of any account. Raises :class:`HinodeError` when there is none such."""
    post = repository.find(conn, post_id)
    if post is None:
        raise unknown()
    return post


def delete(conn: sa.Connection, caller: Caller, post_id: UUID) -> None:
    """Take a post of the caller's back. Raises :class:`HinodeError` when they have none such."""
    if not repository.delete_own(conn, caller.account_id, post_id):
        raise unknown()


def remixed(conn: sa.Connection, post_id: UUID) -> None:
    """Count a video that was made from a post; nothing happens when the post has gone."""
    repository.count_remix(conn, post_id)


def unknown() -> HinodeError:
    """Return the refusal of a post that nobody can see."""
    return HinodeError(ErrorCode.POST_NOT_FOUND, "There is no such post.", param="post_id")


def _own_video(conn: sa.Connection, caller: Caller, place: Place) -> Job:
    job = jobs.find_own(conn, caller.account_id, place.job_id)
    if job is None or job.kind is not MediaKind.VIDEO or place.output >= job.plan.outputs:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND,
            "There is no such video in this account.",
            param="generation_id",
        )
    if job.state is JobState.COMPLETED:
        return job
    code = ErrorCode.JOB_FAILED if job.state.ended else ErrorCode.NOT_READY
    raise HinodeError(
        code,
        f"Only finished videos are published; this one is {job.state.value}.",
        param="generation_id",
    )


def _file(conn: sa.Connection, job: Job, output: int, now: datetime) -> Asset:
    file = assets.find(conn, job.id, output, ArtifactRole.VIDEO)
    if file is None or (job.expires_at is not None and job.expires_at <= now):
        raise HinodeError(
            ErrorCode.EXPIRED,
            "The video's file has expired.",
            param="generation_id",
            hint="Render it again.",
        )
    return file
