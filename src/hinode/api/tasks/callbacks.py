"""The body of a callback: the task as a query would answer it at that moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hinode.api.asset_links import AssetLinks
from hinode.api.jsontext import dump
from hinode.api.tasks import translate
from hinode.core.jobs.options import Callback
from hinode.core.jobs.search import OutputFile
from hinode.core.jobs.types import Job


@dataclass(frozen=True, slots=True)
class CallbackBody:
    """Writes bodies, with links that work for a day from then."""

    links: AssetLinks

    def render(self, job: Job, callback: Callback, files: Sequence[OutputFile]) -> str:
        """Return the JSON text of a job that has just ended, and has these files."""
        urls = [self.links.video_url(callback.base_url, job, one) for one in files]
        return dump(translate.task(job, urls)).decode()
