"""Drafts and tasks of an account, and pages of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hinode.core.assets.types import Asset
from hinode.core.jobs.types import Job
from hinode.media.types import ArtifactRole


@dataclass(frozen=True, slots=True)
class OutputPosition:
    """An output of a job: what a generation's id names."""

    job_id: UUID
    output: int


@dataclass(frozen=True, slots=True)
class DraftOwner:
    """The owner of a job; ``name`` is the username, or the account's name if there is none.

    ``unmarked``: the plan shows videos without the visible watermark.
    """

    account_id: UUID
    name: str
    unmarked: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """An output of a job that has ended, and its files that still exist.

    ``reviewed``: the owner has opened it.
    """

    job: Job
    output: int
    owner: DraftOwner
    files: tuple[Asset, ...]
    reviewed: bool

    @property
    def place(self) -> OutputPosition:
        """The output that this draft shows."""
        return OutputPosition(self.job.id, self.output)

    def file(self, role: ArtifactRole) -> Asset | None:
        """Return its file of a role; None when there is none."""
        return next((one for one in self.files if one.role is role), None)

    @property
    def marked(self) -> Asset | None:
        """The file with the visible watermark of one of our own engines."""
        return self._rendered if self.job.plan.watermark else self.file(ArtifactRole.WATERMARKED)

    @property
    def unmarked(self) -> Asset | None:
        """The file without our watermark, unless the owner's plan shows only watermarked ones.

        Videos of remote engines have no watermarked copy, and are shown as they are.
        """
        if self.job.plan.watermark or (self.marked and not self.owner.unmarked):
            return None
        return self._rendered

    @property
    def shown(self) -> Asset | None:
        """The file that the owner gets by default."""
        return self.unmarked or self.marked

    @property
    def _rendered(self) -> Asset | None:
        return self.file(ArtifactRole.VIDEO) or self.file(ArtifactRole.IMAGE)


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A page of drafts, newest first; ``next`` is the cursor of the next page, None on the last."""

    drafts: list[Draft]
    next: OutputPosition | None


@dataclass(frozen=True, slots=True)
class Task:
    """A job in any state; ``ahead``: queued jobs before it; ``drafts``: its outputs."""

    job: Job
    owner: DraftOwner
    ahead: int | None
    drafts: tuple[Draft, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of tasks, newest first."""

    tasks: list[Task]
    has_more: bool
