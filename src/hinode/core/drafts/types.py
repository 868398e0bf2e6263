"""What an account made and is making: drafts, tasks, and pages of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hinode.core.assets.types import Asset
from hinode.core.jobs.types import Job
from hinode.media.types import ArtifactRole


@dataclass(frozen=True, slots=True)
class Place:
    """Which output of which job: what a generation's id says."""

    job_id: UUID
    output: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose job it is: ``name`` is the username, or the account's name where there is none yet.

    ``unmarked``: their plan shows videos without the visible mark.
    """

    account_id: UUID
    name: str
    unmarked: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """One output of a job that has ended, and its files that are there still.

    ``reviewed``: its owner has opened it.
    """

    job: Job
    output: int
    owner: Owner
    files: tuple[Asset, ...]
    reviewed: bool

    @property
    def place(self) -> Place:
        """Which one it is."""
        return Place(self.job.id, self.output)

    def file(self, role: ArtifactRole) -> Asset | None:
        """Return its file of a role; None when there is none, or none any more."""
        return next((one for one in self.files if one.role is role), None)

    @property
    def marked(self) -> Asset | None:
        """The file that one of our own engines drew its visible mark into."""
        return self._rendered if self.job.plan.watermark else self.file(ArtifactRole.WATERMARKED)

    @property
    def unmarked(self) -> Asset | None:
        """The file without our mark, unless a marked one is all that the owner's plan shows.

        What came from elsewhere has no marked twin, and is shown as it came.
        """
        if self.job.plan.watermark or (self.marked and not self.owner.unmarked):
            return None
        return self._rendered

    @property
    def shown(self) -> Asset | None:
        """The file that the owner gets when they do not choose."""
        return self.unmarked or self.marked

    @property
    def _rendered(self) -> Asset | None:
        return self.file(ArtifactRole.VIDEO) or self.file(ArtifactRole.IMAGE)


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A page of drafts, newest first; ``next`` is where the next one begins after, if there is."""

    drafts: list[Draft]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Task:
    """A job in any state. ``ahead``: queued jobs before it; ``drafts`` what it rendered, if all."""

    job: Job
    owner: Owner
    ahead: int | None
    drafts: tuple[Draft, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of tasks, newest first."""

    tasks: list[Task]
    has_more: bool
