"""What each route of drafts asks of the studio: prove the caller, then one verb.

Plain synchronous code, so that a request needs one hop into a thread and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hinode.api.sora.drafts.ids import read_task_id, require_generation_id
from hinode.api.sora.drafts.queries import read_draft_query, read_task_query
from hinode.core.auth.types import Caller
from hinode.core.characters.user_search import FoundUser, UserSearch
from hinode.core.drafts.service import DraftService
from hinode.core.drafts.types import Draft, DraftPage, Place, Task, TaskPage
from hinode.core.jobs.service import JobService
from hinode.core.membership import Membership
from hinode.core.posts.service import PostService
from hinode.core.posts.types import Post


@dataclass(frozen=True, slots=True)
class DraftListing:
    """A page of drafts, what those that are published are published as, and who appears in them.

    ``characters`` has those that the ``viewer``'s account may use now.
    """

    page: DraftPage
    posts: Mapping[Place, Post]
    characters: Mapping[UUID, FoundUser]
    viewer: UUID


@dataclass(frozen=True, slots=True)
class SoraDraftHandlers:
    """The studio as this part uses it. All methods raise :class:`HinodeError`."""

    jobs: JobService
    draft_service: DraftService
    accounts: Membership
    posts: PostService
    users: UserSearch

    def pending(self, secret: str | None) -> list[Task]:
        """List what is being made."""
        return self.draft_service.pending(self.accounts.caller(secret))

    def drafts(self, secret: str | None, query: Mapping[str, str]) -> DraftListing:
        """List what was made."""
        caller, wanted = self.accounts.caller(secret), read_draft_query(query)
        return self._shown(caller, self.draft_service.page(caller, wanted.limit, wanted.after))

    def draft(self, secret: str | None, generation: str) -> DraftListing:
        """Find a draft."""
        caller = self.accounts.caller(secret)
        return self._one(caller, self.draft_service.get(caller, require_generation_id(generation)))

    def review(self, secret: str | None, generation: str) -> DraftListing:
        """Note that a draft was opened."""
        caller = self.accounts.caller(secret)
        return self._one(
            caller, self.draft_service.mark_reviewed(caller, require_generation_id(generation))
        )

    def remove(self, secret: str | None, name: str) -> None:
        """Forget the job of a draft, by the draft's id or by the task's, which is canceled."""
        caller = self.accounts.caller(secret)
        job_id = read_task_id(name)
        if job_id is None:
            job_id = self.draft_service.get(caller, require_generation_id(name)).job.id
        self.jobs.delete(caller, job_id)

    def recent(self, secret: str | None, query: Mapping[str, str], *, videos: bool) -> TaskPage:
        """List tasks in any state: pictures, and videos if asked for."""
        caller, wanted = self.accounts.caller(secret), read_task_query(query)
        return self.draft_service.tasks(caller, wanted.limit, wanted.before, videos=videos)

    def _one(self, caller: Caller, draft: Draft) -> DraftListing:
        return self._shown(caller, DraftPage([draft], None))

    def _shown(self, caller: Caller, page: DraftPage) -> DraftListing:
        appearing = {one for draft in page.drafts for one in draft.job.options.characters}
        characters = self.users.characters_by_id(caller, appearing)
        return DraftListing(page, self.posts.posts_of(page.drafts), characters, caller.account_id)
