"""Find the draft of a finished task."""

from __future__ import annotations

from hinode.engines.sora.client import SoraClient
from hinode.engines.sora.errors import ResourceNotFound
from hinode.engines.sora.job_models import UpstreamDraft

_PAGES = 20
_DRAFTS_A_PAGE = 30


async def find_draft(client: SoraClient, task_id: str) -> UpstreamDraft:
    """Return the draft of a task, with fresh URLs, among the account's newest 600.

    Raises :class:`hinode.engines.sora.errors.SoraClientError`, and of these
    :class:`ResourceNotFound` when there is none.
    """
    cursor = None
    for _ in range(_PAGES):
        page = await client.drafts.page(_DRAFTS_A_PAGE, cursor)
        for draft in page.items:
            if draft.task_id == task_id:
                return draft
        cursor = page.cursor
        if cursor is None:
            break
    raise ResourceNotFound("The video is not among the account's drafts any more.")
