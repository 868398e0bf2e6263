"""Types of drafts and tasks, and their pages."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hinode.core.assets.types import Asset
from hinode.core.jobs.types import Job
from hinode.media.types import ArtifactRole


@dataclass(frozen=True, slots=True)
class OutputPosition:
    """An output of a job, counted from 0; the id of a generation encodes it."""

    job_id: UUID
    output: int


@dataclass(frozen=True, slots=True)
class DraftOwner:
    """The owner of a job; ``name`` is the username, or the account's name if there is none.

    ``unmarked``: the plan includes videos without the visible watermark.
    """

    account_id: UUID
    name: str
    unmarked: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """An output of a job that has ended, with its stored files; none after they expired.

    ``reviewed``: the owner has opened it.
    """

    job: Job
    output: int
    owner: DraftOwner
    files: tuple[Asset, ...]
    reviewed: bool

    @property
    def place(self) -> OutputPosition:
        """The job and the number of its output."""
        return OutputPosition(self.job.id, self.output)

    def file(self, role: ArtifactRole) -> Asset | None:
        """Return its file of a role; None when there is none."""
        return next((one for one in self.files if one.role is role), None)

    @property
    def marked(self) -> Asset | None:
        """The file with the visible watermark; None for engines that draw none."""
        return self._rendered if self.job.plan.watermark else self.file(ArtifactRole.WATERMARKED)

    @property
    def unmarked(self) -> Asset | None:
        """The file without the watermark; None when the owner's plan does not include it.

        A video of a remote engine has no watermarked copy, so every plan includes it.
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
    """A job in any state; ``ahead`` is its place in the queue, ``drafts`` are its outputs."""

    job: Job
    owner: DraftOwner
    ahead: int | None
    drafts: tuple[Draft, ...] = ()
