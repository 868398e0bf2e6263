"""Read-only views of an account for its owner: videos with their files, credits and usage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets.tables import assets
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import accounting, repository
from hinode.core.jobs.accounting import CreditSummary, Period, UsageRow
from hinode.core.jobs.job_lists import JobQuery, listed
from hinode.core.jobs.repository import find_many
from hinode.core.jobs.types import Job
from hinode.core.pagination import Page
from hinode.kit.clock import Clock
from hinode.media.types import ArtifactRole, MediaKind

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class OutputFile:
    """The storage key of one output's video."""

    output: int
    key: str


@dataclass(frozen=True, slots=True)
class VideoFiles:
    """A video job and its stored files; none after they expired."""

    job: Job
    files: tuple[OutputFile, ...]


@dataclass(frozen=True, slots=True)
class AccountOverview:
    """Read-only views of the caller's account."""

    db: Database
    clock: Clock

    def video(self, caller: Caller, job_id: UUID) -> VideoFiles:
        """Return a video job. Raises :class:`HinodeError` when the account has no such video."""
        with self.db.read() as conn:
            job = repository.find_own(conn, caller.account_id, job_id)
            if job is None or job.kind is not MediaKind.VIDEO:
                raise HinodeError(
                    ErrorCode.JOB_NOT_FOUND, "There is no such video in this account.", param="id"
                )
            return self._with_files(conn, [job])[0]

    def videos(self, caller: Caller, wanted: JobQuery) -> Page[VideoFiles]:
        """Return a page of the account's videos, newest first."""
        with self.db.read() as conn:
            page = _search(conn, caller.account_id, wanted)
            return page.of(self._with_files(conn, page.items))

    def credits(self, caller: Caller) -> CreditSummary:
        """Return the account's balance, held credits and spent credits."""
        with self.db.read() as conn:
            return accounting.credit_summary(conn, caller.account_id)

    def usage(self, caller: Caller, period: Period) -> list[UsageRow]:
        """Return the account's usage by day, model and key."""
        with self.db.read() as conn:
            return accounting.usage(conn, caller.account_id, period)

    def _with_files(self, conn: sa.Connection, found: list[Job]) -> list[VideoFiles]:
        files = videos_of(conn, [one.id for one in found])
        return [VideoFiles(one, tuple(files[one.id])) for one in found]


def _search(conn: sa.Connection, account_id: UUID, wanted: JobQuery) -> Page[Job]:
    """Return a page of the video jobs of an account."""
    query = listed(account_id, (MediaKind.VIDEO,), wanted)
    page = Page.first_of(conn.scalars(query).all(), wanted.limit)
    return page.of(sorted(find_many(conn, page.items), key=lambda job: job.id, reverse=True))


def videos_of(conn: sa.Connection, job_ids: Sequence[UUID]) -> Mapping[UUID, list[OutputFile]]:
    """Return the stored videos of these jobs, in the order of their outputs."""
    query = (
        sa.select(assets.c.job_id, assets.c.output, assets.c.key)
        .where(
            assets.c.job_id.in_(job_ids),
            assets.c.role == ArtifactRole.VIDEO.value,
            assets.c.removal_due.is_(None),
        )
        .order_by(assets.c.output)
    )
    found: dict[UUID, list[OutputFile]] = {job_id: [] for job_id in job_ids}
    for job_id, output, key in conn.execute(query):
        found[job_id].append(OutputFile(output, key))
    return found
