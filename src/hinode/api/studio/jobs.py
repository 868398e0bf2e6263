"""The library: one list of all jobs of an account, their labels, and their end."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorPage, CursorQuery, parse_uuid, render_page
from hinode.api.job_filters import STATUSES, parse_moment, parse_states
from hinode.api.parsing import (
    Boolean,
    ClosedRequestSchema,
    Nullable,
    NullableInteger,
    Remedy,
    Required,
    parse,
)
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body
from hinode.api.studio.archive import ArchiveRoutes
from hinode.api.studio.common import DOCS, StudioRoutes, StudioSchema, private_json
from hinode.api.studio.job_objects import KindName, StudioJob, job_object
from hinode.api.unix_times import to_unix
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.library import JobLabels, LibraryJob, LibrarySearch
from hinode.core.list_walk import MOST_ROWS
from hinode.core.pagination import Page
from hinode.kit.ids import from_video_id
from hinode.media.types import MediaKind

_DOCS = DOCS.of("jobs")

_JOBS = "/v1/jobs"
_JOB = _JOBS + "/{job_id}"
MOST_IDS = 100


class ListLibrary(CursorQuery):
    """Query of the library; what is left out matches all."""

    status: Nullable[str] = Field(
        default=None, description=f"Statuses, separated by commas: {STATUSES}."
    )
    kind: Nullable[KindName] = Field(default=None, description="`video` or `image`.")
    model: Nullable[str] = Field(default=None, description="Id of the model.")
    q: Nullable[Annotated[str, Field(max_length=200)]] = Field(
        default=None,
        description="Text to look for in prompts and titles, in any case. A page looks through "
        f"{MOST_ROWS:,} jobs at most; it can be short, or empty, while `has_more` is true.",
    )
    created_after: NullableInteger[int] = Field(
        default=None, description="Time of creation in Unix seconds, at the earliest."
    )
    created_before: NullableInteger[int] = Field(
        default=None, description="Time of creation in Unix seconds; earlier than this."
    )
    favorite: Boolean = Field(default=None, description="True for favourites only.")

    def search(self) -> LibrarySearch:
        """Return the search for the service. Raises :class:`HinodeError`."""
        page = self.page(parse_uuid)
        return LibrarySearch(
            limit=page.limit,
            after=page.after,
            states=parse_states(self.status),
            kind=None if self.kind is None else MediaKind(self.kind),
            model=self.model,
            text=self.q,
            since=parse_moment(self.created_after, "created_after"),
            until=parse_moment(self.created_before, "created_before"),
            favorite=self.favorite,
        )


class UpdateJob(ClosedRequestSchema):
    """Labels to change; omitted ones are unchanged."""

    title: Annotated[str | None, Field(max_length=200)] = Field(
        default=None, description="Title; an empty one removes it."
    )
    favorite: Boolean = Field(default=None, description="True to mark it as a favourite.")


class JobIds(ClosedRequestSchema):
    """Jobs of the account."""

    ids: Annotated[
        Required[Annotated[list[str], Field(min_length=1, max_length=MOST_IDS)]],
        Remedy(f"A list of 1 to {MOST_IDS} ids."),
    ] = Field(description=f"Ids of 1 to {MOST_IDS} jobs.")

    def parsed(self) -> list[UUID]:
        """Return the ids. Raises :class:`HinodeError` for one that is none."""
        return [parse_job_id(one, "ids") for one in self.ids]


class LibraryPage(CursorPage[StudioJob]):
    """A page of jobs, newest first."""


class DeletedJobs(StudioSchema):
    """Confirmation of deletes."""

    ids: list[str] = Field(description="Ids of the deleted jobs.")
    restorable_until: int = Field(
        description="Time in Unix seconds until which they can be restored."
    )


class RestoredJobs(StudioSchema):
    """Jobs that were restored."""

    data: list[StudioJob] = Field(description="The jobs.")


class LibraryRoutes(StudioRoutes):
    """Handlers of the library."""

    async def search(self, request: Request) -> Response:
        """List and search all jobs of the account, newest first.

        Videos and images of every dialect are one list, with all that went in.
        """
        wanted = parse(ListLibrary, request.query_params).search
        library = self.context.core.library

        def page(caller: Caller) -> Page[LibraryJob]:
            return library.search(caller, wanted())

        found = await self.auth.call(request, page)
        return private_json(render_page(found, partial(self._object, request)))

    async def retrieve(self, request: Request, job_id: str) -> Response:
        """Retrieve a job of the account with all that went in and came out."""

        def view(caller: Caller) -> LibraryJob:
            return self.context.core.library.view(caller, parse_job_id(job_id))

        return self._answer(request, await self.auth.call(request, view))

    async def update(self, request: Request, job_id: str) -> Response:
        """Name a job, or mark it as a favourite."""
        caller, parsed = await self.body(request, UpdateJob)
        labels, job = JobLabels(parsed.title, parsed.favorite), parse_job_id(job_id)
        label = self.context.core.library.label
        return self._answer(request, await self.context.call(label, caller, job, labels))

    async def cancel(self, request: Request, job_id: str) -> Response:
        """Cancel a video or image job; its credits are given back."""

        def cancel(caller: Caller) -> LibraryJob:
            job = self.context.core.jobs.cancel(caller, parse_job_id(job_id))
            return self.context.core.library.view(caller, job.id)

        return self._answer(request, await self.auth.call(request, cancel))

    async def delete(self, request: Request) -> Response:
        """Delete jobs; for five minutes they can be restored.

        They are gone for every call at once. Unfinished ones are canceled, and stay canceled when
        they are restored. One unknown id is an error, and nothing is deleted.
        """
        caller, parsed = await self.body(request, JobIds)
        ids = parsed.parsed()
        until = await self.context.call(self.context.core.library.delete, caller, ids)
        return private_json({"ids": [str(one) for one in ids], "restorable_until": to_unix(until)})

    async def restore(self, request: Request) -> Response:
        """Restore jobs that were deleted within the last five minutes."""
        caller, parsed = await self.body(request, JobIds)
        restore = self.context.core.library.restore
        found = await self.context.call(restore, caller, parsed.parsed())
        return private_json({"data": [self._object(request, one) for one in found]})

    def _answer(self, request: Request, found: LibraryJob) -> Response:
        return private_json(self._object(request, found))

    def _object(self, request: Request, found: LibraryJob) -> dict[str, Any]:
        return job_object(self.context.links, request, found)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of the library."""
    jobs, archive = LibraryRoutes(context), ArchiveRoutes(context)
    table.add(
        _DOCS, "GET", _JOBS, jobs.search, "searchJobs", LibraryPage, 400,
        query=ListLibrary,
    )  # fmt: skip
    for name, endpoint, operation, schema in (
        ("delete", jobs.delete, "deleteJobs", DeletedJobs),
        ("restore", jobs.restore, "restoreJobs", RestoredJobs),
    ):
        table.add(
            _DOCS, "POST", f"{_JOBS}/{name}", endpoint, operation, schema, 400, 404,
            body=json_body(JobIds),
        )  # fmt: skip
    archive.add(table)
    table.add(_DOCS, "GET", _JOB, jobs.retrieve, "retrieveJob", StudioJob, 404)
    table.add(
        _DOCS, "PATCH", _JOB, jobs.update, "updateJob", StudioJob, 400, 404,
        body=json_body(UpdateJob),
    )  # fmt: skip
    table.add(_DOCS, "POST", _JOB + "/cancel", jobs.cancel, "cancelJob", StudioJob, 400, 404)


def parse_job_id(text: str, param: str = "id") -> UUID:
    """Return a job's id: a UUID, or the id of a video. Raises :class:`HinodeError`."""
    found = parse_uuid(text) or from_video_id(text)
    if found is None:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND, "There is no such job in this account.", param=param
        )
    return found
