"""Errors for the content of jobs."""

from __future__ import annotations

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.types import Job, JobState


def expired_error() -> HinodeError:
    """Return the error for files that have expired."""
    return HinodeError(
        ErrorCode.EXPIRED,
        "The files of this job have expired and were removed.",
        param="id",
        hint="Render it again, or ask the operator for a longer retention.",
    )


def not_ready_error(job: Job) -> HinodeError:
    """Return the error for the content of a job that has not completed."""
    if job.state.ended:
        return HinodeError(
            ErrorCode.JOB_FAILED, f"This job has no content: it {_describe_end(job)}.", param="id"
        )
    return HinodeError(
        ErrorCode.NOT_READY,
        f"This job is {job.state.value} ({job.progress} %); its content is not ready.",
        param="id",
        hint="Request it again when the status is 'completed'.",
    )


def _describe_end(job: Job) -> str:
    if job.state is JobState.CANCELED:
        return "was canceled"
    return f"failed ({job.error.code})" if job.error else "failed"
