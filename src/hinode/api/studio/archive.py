"""Downloads of several jobs as one ZIP file, made while it is sent."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hinode.api.cursor_pages import parse_uuid
from hinode.api.downloads import content_disposition
from hinode.api.parsing import ClosedRequestSchema, Remedy, Required
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body
from hinode.api.signed_urls import PROOF, nothing_there
from hinode.api.studio.common import DOCS, StudioRoutes, StudioSchema, private_json
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.library import LibraryJob
from hinode.kit.ids import from_video_id
from hinode.media.types import ArtifactRole
from hinode.storage import ObjectMissing
from hinode.storage.store import ObjectStore

_DOCS = DOCS.of("jobs")

PREFIX = "/v1/jobs/archive"
MOST = 50
_LIFETIME = timedelta(hours=1)
_UNSAFE = re.compile(r"[^\w-]+")
_LONGEST_NAME = 60
_ZIP = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}


class ArchivedJobs(ClosedRequestSchema):
    """Completed jobs of the account."""

    ids: Annotated[
        Required[Annotated[list[str], Field(min_length=1, max_length=MOST)]],
        Remedy(f"A list of 1 to {MOST} ids."),
    ] = Field(description=f"Ids of 1 to {MOST} completed jobs.")


class ArchiveLink(StudioSchema):
    """The link to a ZIP file."""

    url: str = Field(description="Signed URL of the ZIP file, good for an hour.")
    files: int = Field(description="Number of files in it.")
    bytes: int = Field(description="Length of the files together.")


@dataclass(slots=True)
class _Sink:
    """A file object without a position, whose written bytes are taken away in between."""

    parts: list[bytes] = field(default_factory=list)

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: what was written is here."""

    def take(self) -> bytes:
        taken = b"".join(self.parts)
        self.parts.clear()
        return taken


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """A file of an archive: its name, and the storage key and length of its content."""

    name: str
    key: str
    bytes: int


class ArchiveRoutes(StudioRoutes):
    """Handlers of ZIP files."""

    def add(self, table: RouteTable) -> None:
        """Add the routes."""
        table.add(
            _DOCS, "POST", PREFIX, self.create, "createArchiveLink", ArchiveLink, 400, 404,
            body=json_body(ArchivedJobs),
        )  # fmt: skip
        table.add(
            _DOCS, "GET", f"{PREFIX}/{PROOF}/{{name}}", self.send, "downloadArchive", _ZIP,
            403, 404, public=True,
        )  # fmt: skip

    async def create(self, request: Request) -> Response:
        """Create a link to a ZIP file with the outputs of several jobs.

        The file is made while it is downloaded, which the link does without a key.
        """
        caller, parsed = await self.body(request, ArchivedJobs)
        ids = [_job_id(one) for one in dict.fromkeys(parsed.ids)]
        entries = await self.context.call(self._entries, caller.account_id, ids)
        if not entries:
            raise HinodeError(
                ErrorCode.NOT_READY, "None of these jobs has files to download.", param="ids"
            )
        links = self.context.links
        name = "-".join([caller.account_id.hex, *(one.hex for one in ids)])
        url = links.sign(links.base(request), PREFIX, f"{name}.zip", links.clock.now() + _LIFETIME)
        total = sum(one.bytes for one in entries)
        return private_json({"url": url, "files": len(entries), "bytes": total})

    async def send(self, request: Request, signature: str, expires: str, name: str) -> Response:
        """Download the outputs of several jobs as a ZIP file; its URL needs no key."""
        self.context.links.check(PREFIX, name, signature, expires)
        account, *ids = (UUID(hex=one) for one in name.removesuffix(".zip").split("-"))
        try:
            entries = await self.context.call(self._entries, account, ids)
        except HinodeError:
            raise nothing_there() from None
        headers = {
            "content-disposition": content_disposition("hinode-videos.zip", "attachment"),
            "cache-control": "no-store",
        }
        stream = zip_stream(self.context.core.jobs.store, entries)
        return StreamingResponse(stream, media_type="application/zip", headers=headers)

    def _entries(self, account_id: UUID, ids: Sequence[UUID]) -> list[ArchiveEntry]:
        owner = Caller(account_id, None, frozenset())
        return [
            entry
            for job_id in ids
            for entry in archive_entries(self.context.core.library.view(owner, job_id))
        ]


def archive_entries(found: LibraryJob) -> list[ArchiveEntry]:
    """Return the entries of a job's outputs, named by its time, title or prompt, and id."""
    job = found.detail.job
    words = _UNSAFE.sub("-", job.title or job.prompt).strip("-")[:_LONGEST_NAME]
    name = "-".join(filter(None, (f"{job.created_at:%Y%m%d-%H%M%S}", words, job.id.hex[-8:])))
    return [
        ArchiveEntry(f"{name}-{one.output + 1}{one.key[one.key.rindex('.') :]}", one.key, one.bytes)
        for one in found.files
        if one.role in (ArtifactRole.VIDEO, ArtifactRole.IMAGE)
    ]


async def zip_stream(store: ObjectStore, entries: Sequence[ArchiveEntry]) -> AsyncIterator[bytes]:
    """Yield a ZIP file of stored objects; those that were removed meanwhile are left out."""
    sink = _Sink()
    # Stored, not compressed: videos and pictures do not get smaller.
    with ZipFile(sink, "w", ZIP_STORED) as archive:  # type: ignore[call-overload]
        for entry in entries:
            try:
                content = await store.stream(entry.key)
            except ObjectMissing:
                continue
            with archive.open(ZipInfo(entry.name), "w", force_zip64=True) as file:
                async with aclosing(content) as chunks:  # type: ignore[type-var]
                    async for chunk in chunks:
                        file.write(chunk)
                        yield sink.take()
    yield sink.take()


def _job_id(text: str) -> UUID:
    found = parse_uuid(text) or from_video_id(text)
    if found is None:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND, "There is no such job in this account.", param="ids"
        )
    return found
