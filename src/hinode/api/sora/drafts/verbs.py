"""What each route of drafts asks of the studio: prove the caller, then one verb.

Plain synchronous code, so that a request needs one hop into a thread and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hinode.api.sora.drafts.ids import known_place, read_task_id
from hinode.api.sora.drafts.queries import read_draft_query, read_task_query
from hinode.studio.access.types import Caller
from hinode.studio.drafts.types import Draft, DraftPage, Place, Task, TaskPage
from hinode.studio.gallery import Gallery
from hinode.studio.membership import Membership
from hinode.studio.people import People, Person
from hinode.studio.posts.types import Post
from hinode.studio.publishing import Publishing
from hinode.studio.studio import Studio


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of drafts, what those that are published are published as, and who appears in them.

    ``cast`` has those that the ``viewer``'s account may use now.
    """

    page: DraftPage
    posts: Mapping[Place, Post]
    cast: Mapping[UUID, Person]
    viewer: UUID


@dataclass(frozen=True, slots=True)
class DraftVerbs:
    """The studio as this part uses it. All methods raise :class:`StudioError`."""

    studio: Studio
    gallery: Gallery
    members: Membership
    publishing: Publishing
    people: People

    def pending(self, secret: str | None) -> list[Task]:
        """List what is being made."""
        return self.gallery.pending(self.members.caller(secret))

    def drafts(self, secret: str | None, query: Mapping[str, str]) -> Shown:
        """List what was made."""
        caller, wanted = self.members.caller(secret), read_draft_query(query)
        return self._shown(caller, self.gallery.drafts(caller, wanted.limit, wanted.after))

    def draft(self, secret: str | None, generation: str) -> Shown:
        """Find a draft."""
        caller = self.members.caller(secret)
        return self._one(caller, self.gallery.draft(caller, known_place(generation)))

    def review(self, secret: str | None, generation: str) -> Shown:
        """Note that a draft was opened."""
        caller = self.members.caller(secret)
        return self._one(caller, self.gallery.review(caller, known_place(generation)))

    def remove(self, secret: str | None, name: str) -> None:
        """Forget the job of a draft, by the draft's id or by the task's, which is canceled."""
        caller = self.members.caller(secret)
        job_id = read_task_id(name)
        if job_id is None:
            job_id = self.gallery.draft(caller, known_place(name)).job.id
        self.studio.delete(caller, job_id)

    def recent(self, secret: str | None, query: Mapping[str, str], *, videos: bool) -> TaskPage:
        """List tasks in any state: pictures, and videos if asked for."""
        caller, wanted = self.members.caller(secret), read_task_query(query)
        return self.gallery.recent(caller, wanted.limit, wanted.before, videos=videos)

    def _one(self, caller: Caller, draft: Draft) -> Shown:
        return self._shown(caller, DraftPage([draft], None))

    def _shown(self, caller: Caller, page: DraftPage) -> Shown:
        appearing = {one for draft in page.drafts for one in draft.job.options.characters}
        cast = self.people.characters(caller, appearing)
        return Shown(page, self.publishing.posts_of(page.drafts), cast, caller.account_id)
