"""The reviews that a job keeps for operators."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.tables import jobs
from hinode.moderation.types import Review, ReviewStage, Verdict


@dataclass(frozen=True, slots=True)
class JobReview:
    """A review that the job keeps for operators."""

    stage: ReviewStage
    review: Review


def save(conn: sa.Connection, job_id: UUID, stage: ReviewStage, review: Review) -> None:
    """Keep a review with its job, in place of one of the same stage; a plain pass is none."""
    if review.verdict is Verdict.ALLOW and not review.labels:
        return
    kept = [one for one in of_job(conn, job_id) if one.stage is not stage]
    stored = [_dump(one) for one in (*kept, JobReview(stage, review))]
    text = json.dumps(stored, ensure_ascii=False)
    conn.execute(jobs.update().where(jobs.c.id == job_id).values(moderation=text))


def of_job(conn: sa.Connection, job_id: UUID) -> list[JobReview]:
    """Return the reviews that a job keeps, by stage."""
    text = conn.execute(sa.select(jobs.c.moderation).where(jobs.c.id == job_id)).scalar()
    return [_load(**one) for one in json.loads(text or "[]")]


def _dump(one: JobReview) -> dict[str, object]:
    return {"stage": one.stage, **asdict(one.review)}


def _load(stage: str, verdict: str, reason: str, labels: list[str]) -> JobReview:
    return JobReview(ReviewStage(stage), Review(Verdict(verdict), reason, tuple(labels)))
