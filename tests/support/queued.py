"""Jobs that wait for an engine with accounts."""

from __future__ import annotations

from uuid import UUID

from hinode import Services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.tables import jobs
from hinode.kit.ids import new_id

ENGINE = "far"


def new_jobs(services: Services, caller: Caller, count: int = 1) -> list[UUID]:
    """Jobs that the engine would be given; of many most are copies, which cannot be ended."""
    request = VideoRequest("a fox", GenerationParams(seconds="4"))
    made = [services.core.jobs.create_video(caller, request).id for _ in range(min(count, 20))]
    others = [new_id() for _ in range(count - len(made))]
    with services.db.write() as conn:
        conn.execute(jobs.update().where(jobs.c.id.in_(made)).values(engine=ENGINE))
        row = conn.execute(jobs.select().where(jobs.c.id == made[0])).mappings().one()
        if others:
            conn.execute(jobs.insert(), [{**row, "id": one} for one in others])
    return [*made, *others]
