"""The body of a callback: the task object at the end of the job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hinode.api.json_text import dump
from hinode.api.signed_urls import SignedUrls
from hinode.api.tasks import serializers
from hinode.core.jobs.options import Callback
from hinode.core.jobs.overview import OutputFile
from hinode.core.jobs.types import Job


@dataclass(frozen=True, slots=True)
class CallbackBody:
    """Renders the bodies of callbacks, with signed URLs valid for 24 hours."""

    links: SignedUrls

    def render(self, job: Job, callback: Callback, files: Sequence[OutputFile]) -> str:
        """Return the JSON text of an ended job with these files."""
        urls = [self.links.video_url(callback.base_url, job, one) for one in files]
        return dump(serializers.task(job, urls)).decode()
