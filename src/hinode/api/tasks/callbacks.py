"""The body of a callback: the task as a query would answer it at that moment."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.api.asset_links import AssetLinks
from hinode.api.jsontext import dump
from hinode.api.tasks import translate
from hinode.studio.jobs.options import Callback
from hinode.studio.jobs.types import Job, JobState


@dataclass(frozen=True, slots=True)
class CallbackBody:
    """Writes bodies, with links that work for a day from then."""

    links: AssetLinks

    def render(self, job: Job, callback: Callback) -> str:
        """Return the JSON text of a job that has just ended."""
        outputs = range(job.plan.outputs if job.state is JobState.COMPLETED else 0)
        urls = [self.links.video_url(callback.base, job, output) for output in outputs]
        return dump(translate.task(job, urls)).decode()
