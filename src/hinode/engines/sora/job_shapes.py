"""What a server tells about its jobs while they run, and about what came out of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from hinode.engines.sora.account_shapes import Quota
from hinode.engines.sora.failures import BadAnswer
from hinode.engines.sora.fields import Fields, items_of

FAILED = frozenset({"failed", "error", "cancelled", "canceled"})
DONE = frozenset({"succeeded"})
VIOLATION = "sora_content_violation"
ERROR = "sora_error"
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Created:
    """A job that was taken; its id is what pending tasks and drafts are matched by."""

    task_id: str
    quota: Quota | None

    @classmethod
    def read(cls, value: object) -> Self:
        """Raises :class:`hinode.engines.sora.failures.BadAnswer`, as all readers here."""
        fields = Fields(value)
        task_id = fields.text("id", "task_id")
        if len(task_id) > _LONGEST_ID or not task_id.isprintable():
            raise BadAnswer("The server's answer has no usable id.", may_have_run=True)
        return cls(task_id, _quota_beside(fields))


def _quota_beside(fields: Fields) -> Quota | None:
    """Read the quota; the job is taken, whatever else is said."""
    try:
        balance = fields.maybe_object("rate_limit_and_credit_balance")
        return Quota.read(balance) if balance else None
    except BadAnswer:
        return None


@dataclass(frozen=True, slots=True)
class Encodings:
    """URLs of the encodings of one output, None: there is none."""

    source: str | None = None
    source_wm: str | None = None
    md: str | None = None
    ld: str | None = None
    gif: str | None = None
    thumbnail: str | None = None
    spritesheet: str | None = None

    @classmethod
    def read(cls, fields: Fields | None) -> Self:
        """Read an ``encodings`` object; each member is an object with a ``path``."""
        if fields is None:
            return cls()
        places = {name: fields.maybe_object(name) for name in cls.__slots__}
        return cls(**{name: at.maybe_text("path") for name, at in places.items() if at})


@dataclass(frozen=True, slots=True)
class Generation:
    """One output in a task's list: a picture or a video."""

    id: str
    url: str | None
    encodings: Encodings
    width: int | None
    height: int | None

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read one of ``generations``."""
        return cls(
            fields.text("id"),
            fields.maybe_text("url"),
            Encodings.read(fields.maybe_object("encodings")),
            fields.maybe_count("width"),
            fields.maybe_count("height"),
        )


@dataclass(frozen=True, slots=True)
class Task:
    """A job in ``/nf/pending/v2`` or ``/v2/recent_tasks``; ``progress`` goes from 0 to 1.

    ``blocked``: the server withholds the outputs by its content policy.
    """

    id: str
    status: str
    progress: float | None
    queue_position: int | None
    failure: str | None
    blocked: bool
    generations: tuple[Generation, ...]

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read one task; some servers count progress in per cent."""
        progress = fields.maybe_number("progress_pct")
        if progress is not None:
            progress = min(1.0, max(0.0, progress / 100 if progress > 1 else progress))
        verdict = fields.maybe_object("moderation_result")
        return cls(
            fields.text("id"),
            fields.maybe_text("status") or "",
            progress,
            fields.maybe_count("progress_pos_in_queue"),
            fields.maybe_text("failure_reason", "error_message"),
            verdict.flag("is_output_rejection") if verdict else False,
            tuple(Generation.read(one) for one in fields.objects("generations")),
        )

    @property
    def failed(self) -> bool:
        """Whether it will never have outputs."""
        return self.status in FAILED or (self.blocked and not self.generations)

    @property
    def done(self) -> bool:
        """Whether its outputs are there."""
        return self.status in DONE and any(one.url for one in self.generations)


@dataclass(frozen=True, slots=True)
class Draft:
    """A finished output of an account, good or failed.

    ``id`` is the generation's, by which it is published, extended and deleted. ``reason`` is the
    server's word for why it failed.
    """

    id: str
    task_id: str | None
    kind: str
    url: str | None
    downloadable_url: str | None
    watermark_url: str | None
    no_watermark_url: str | None
    encodings: Encodings
    width: int | None
    height: int | None
    prompt: str | None
    title: str | None
    created_at: float | None
    reason: str | None
    reviewed: bool

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read one draft item."""
        urls = fields.maybe_object("download_urls")
        return cls(
            fields.text("generation_id", "id"),
            fields.maybe_text("task_id"),
            fields.maybe_text("kind") or "",
            fields.maybe_text("url"),
            fields.maybe_text("downloadable_url"),
            urls.maybe_text("watermark") if urls else None,
            urls.maybe_text("no_watermark") if urls else None,
            Encodings.read(fields.maybe_object("encodings")),
            fields.maybe_count("width"),
            fields.maybe_count("height"),
            fields.maybe_text("prompt"),
            fields.maybe_text("title"),
            fields.maybe_number("created_at"),
            fields.maybe_text("reason_str", "markdown_reason_str", "reason", "error_reason"),
            fields.flag("draft_reviewed"),
        )

    @property
    def violation(self) -> bool:
        """Whether the server's content policy withholds it."""
        return self.kind == VIOLATION

    @property
    def failed(self) -> bool:
        """Whether there is nothing to download, for a reason that was told."""
        return self.kind in (VIOLATION, ERROR) or (self.best_url is None and bool(self.reason))

    @property
    def best_url(self) -> str | None:
        """Where to download it: without the visible mark where the server offers that."""
        found = (self.no_watermark_url, self.downloadable_url, self.url, self.encodings.source)
        return next((url for url in found if url), None)


@dataclass(frozen=True, slots=True)
class DraftPage:
    """Drafts, newest first; ``cursor`` asks for older ones, None: there are none."""

    items: tuple[Draft, ...]
    cursor: str | None

    @classmethod
    def read(cls, value: object) -> Self:
        """Read a page of drafts."""
        items, cursor = items_of(value)
        return cls(tuple(Draft.read(one) for one in items), cursor)


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Tasks, newest first; ``last_id`` is the oldest of them."""

    tasks: tuple[Task, ...]
    last_id: str | None
    has_more: bool

    @classmethod
    def read(cls, value: object) -> Self:
        """Read the answer of ``/v2/recent_tasks``."""
        fields = Fields(value)
        tasks = tuple(Task.read(one) for one in fields.objects("task_responses"))
        return cls(tasks, fields.maybe_text("last_id"), fields.flag("has_more"))
