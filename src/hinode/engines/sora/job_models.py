"""Responses about running jobs and their outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from hinode.engines.sora.account_models import UpstreamQuota
from hinode.engines.sora.errors import SoraInvalidResponse
from hinode.engines.sora.json_reader import JsonReader, read_page

FAILED = frozenset({"failed", "error", "cancelled", "canceled"})
DONE = frozenset({"succeeded"})
VIOLATION = "sora_content_violation"
ERROR = "sora_error"
_MAX_ID_LENGTH = 200


@dataclass(frozen=True, slots=True)
class CreateResult:
    """An accepted job; its id matches pending tasks and drafts."""

    task_id: str
    quota: UpstreamQuota | None

    @classmethod
    def read(cls, value: object) -> Self:
        """Raises :class:`hinode.engines.sora.errors.SoraInvalidResponse`, as all parsers do."""
        fields = JsonReader(value)
        task_id = fields.text("id", "task_id")
        if len(task_id) > _MAX_ID_LENGTH or not task_id.isprintable():
            raise SoraInvalidResponse(
                "The server's answer has no usable id.", may_have_executed=True
            )
        return cls(task_id, _read_quota(fields))


def _read_quota(fields: JsonReader) -> UpstreamQuota | None:
    """Parse the quota; the job is accepted, whatever the other fields are."""
    try:
        balance = fields.optional_object("rate_limit_and_credit_balance")
        return UpstreamQuota.read(balance) if balance else None
    except SoraInvalidResponse:
        return None


@dataclass(frozen=True, slots=True)
class UpstreamEncodings:
    """URLs of the encodings of one output, None: there is none."""

    source: str | None = None
    source_wm: str | None = None
    md: str | None = None
    ld: str | None = None
    gif: str | None = None
    thumbnail: str | None = None
    spritesheet: str | None = None

    @classmethod
    def read(cls, fields: JsonReader | None) -> Self:
        """Parse an ``encodings`` object; each member is an object with a ``path``."""
        if fields is None:
            return cls()
        places = {name: fields.optional_object(name) for name in cls.__slots__}
        return cls(**{name: at.optional_text("path") for name, at in places.items() if at})


@dataclass(frozen=True, slots=True)
class UpstreamGeneration:
    """One output in a task's list: a picture or a video."""

    id: str
    url: str | None
    encodings: UpstreamEncodings
    width: int | None
    height: int | None

    @classmethod
    def read(cls, fields: JsonReader) -> Self:
        """Parse one of ``generations``."""
        return cls(
            fields.text("id"),
            fields.optional_text("url"),
            UpstreamEncodings.read(fields.optional_object("encodings")),
            fields.optional_int("width"),
            fields.optional_int("height"),
        )


@dataclass(frozen=True, slots=True)
class UpstreamTask:
    """A job in ``/nf/pending/v2`` or ``/v2/recent_tasks``; ``progress`` goes from 0 to 1.

    ``blocked``: the server withholds the outputs by its content policy.
    """

    id: str
    status: str
    progress: float | None
    queue_position: int | None
    failure: str | None
    blocked: bool
    generations: tuple[UpstreamGeneration, ...]

    @classmethod
    def read(cls, fields: JsonReader) -> Self:
        """Parse one task; some servers send progress in percent."""
        progress = fields.optional_number("progress_pct")
        if progress is not None:
            progress = min(1.0, max(0.0, progress / 100 if progress > 1 else progress))
        verdict = fields.optional_object("moderation_result")
        return cls(
            fields.text("id"),
            fields.optional_text("status") or "",
            progress,
            fields.optional_int("progress_pos_in_queue"),
            fields.optional_text("failure_reason", "error_message"),
            verdict.flag("is_output_rejection") if verdict else False,
            tuple(UpstreamGeneration.read(one) for one in fields.objects("generations")),
        )

    @property
    def failed(self) -> bool:
        """Return whether it will never have outputs."""
        return self.status in FAILED or (self.blocked and not self.generations)

    @property
    def done(self) -> bool:
        """Return whether its outputs are there."""
        return self.status in DONE and any(one.url for one in self.generations)


@dataclass(frozen=True, slots=True)
class UpstreamDraft:
    """A finished output of an account, completed or failed.

    ``id`` is the generation's, by which it is published, extended and deleted. ``reason`` is the
    server's code of its failure.
    """

    id: str
    task_id: str | None
    kind: str
    url: str | None
    downloadable_url: str | None
    watermark_url: str | None
    no_watermark_url: str | None
    encodings: UpstreamEncodings
    width: int | None
    height: int | None
    prompt: str | None
    title: str | None
    created_at: float | None
    reason: str | None
    reviewed: bool

    @classmethod
    def read(cls, fields: JsonReader) -> Self:
        """Parse one draft item."""
        urls = fields.optional_object("download_urls")
        return cls(
            fields.text("generation_id", "id"),
            fields.optional_text("task_id"),
            fields.optional_text("kind") or "",
            fields.optional_text("url"),
            fields.optional_text("downloadable_url"),
            urls.optional_text("watermark") if urls else None,
            urls.optional_text("no_watermark") if urls else None,
            UpstreamEncodings.read(fields.optional_object("encodings")),
            fields.optional_int("width"),
            fields.optional_int("height"),
            fields.optional_text("prompt"),
            fields.optional_text("title"),
            fields.optional_number("created_at"),
            fields.optional_text("reason_str", "markdown_reason_str", "reason", "error_reason"),
            fields.flag("draft_reviewed"),
        )

    @property
    def violation(self) -> bool:
        """Return whether the server's content policy withholds it."""
        return self.kind == VIOLATION

    @property
    def failed(self) -> bool:
        """Return whether it failed: there is nothing to download, and a reason."""
        return self.kind in (VIOLATION, ERROR) or (self.best_url is None and bool(self.reason))

    @property
    def best_url(self) -> str | None:
        """Return the download URL: that without the visible mark if the server offers it."""
        found = (self.no_watermark_url, self.downloadable_url, self.url, self.encodings.source)
        return next((url for url in found if url), None)


@dataclass(frozen=True, slots=True)
class UpstreamDraftPage:
    """Drafts, newest first; ``cursor`` requests older ones, None: there are none."""

    items: tuple[UpstreamDraft, ...]
    cursor: str | None

    @classmethod
    def read(cls, value: object) -> Self:
        """Parse a page of drafts."""
        items, cursor = read_page(value)
        return cls(tuple(UpstreamDraft.read(one) for one in items), cursor)


@dataclass(frozen=True, slots=True)
class UpstreamTaskPage:
    """Tasks, newest first; ``last_id`` is the oldest of them."""

    tasks: tuple[UpstreamTask, ...]
    last_id: str | None
    has_more: bool

    @classmethod
    def read(cls, value: object) -> Self:
        """Parse the response of ``/v2/recent_tasks``."""
        fields = JsonReader(value)
        tasks = tuple(UpstreamTask.read(one) for one in fields.objects("task_responses"))
        return cls(tasks, fields.optional_text("last_id"), fields.flag("has_more"))
