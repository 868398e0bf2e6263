"""Jobs that wait for an engine with accounts."""

from __future__ import annotations

from uuid import UUID

from hinode import Services
from hinode.kit.ids import new_id
from hinode.studio.access.types import Caller
from hinode.studio.catalog.service import Wish
from hinode.studio.jobs.requests import VideoRequest
from hinode.studio.jobs.tables import jobs

ENGINE = "far"


def new_jobs(services: Services, caller: Caller, count: int = 1) -> list[UUID]:
    """Jobs that the engine would be given; of many most are copies, which cannot be ended."""
    wish = VideoRequest("a fox", Wish(seconds="4"))
    made = [services.studio.create_video(caller, wish).id for _ in range(min(count, 20))]
    others = [new_id() for _ in range(count - len(made))]
    with services.db.write() as conn:
        conn.execute(jobs.update().where(jobs.c.id.in_(made)).values(engine=ENGINE))
        row = conn.execute(jobs.select().where(jobs.c.id == made[0])).mappings().one()
        if others:
            conn.execute(jobs.insert(), [{**row, "id": one} for one in others])
    return [*made, *others]
