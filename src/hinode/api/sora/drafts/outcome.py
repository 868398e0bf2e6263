"""The outcome of a job: a draft, a content violation, or an error.

Clients take any draft with a reason or without a URL as failed, and search reasons for numbers and
words such as ``401`` or ``unauthorized`` to judge the *account*. Our reasons say nothing about the
account, so such words are replaced: see :func:`sanitize_reason`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hinode.core.drafts.types import Draft
from hinode.core.jobs.types import Job, JobError, JobState

DRAFT, VIOLATION, ERROR = "sora_draft", "sora_content_violation", "sora_error"
MODERATION_CODES = frozenset({"moderation_blocked", "content_policy_violation"})
"""Error codes of jobs that an engine rejected for their content."""

_EXPIRED = JobError("expired", "The files of this video have expired and were removed.")
_UNKNOWN = JobError("internal_error", "The job failed.")
_MISLEADING_WORDS = (
    (re.compile(r"40[013]|429"), "4xx"),
    (re.compile(r"unauthorized|token_invalidated|token_expired", re.IGNORECASE), "refused"),
    (re.compile(r"cf_shield|cloudflare", re.IGNORECASE), "a gateway"),
    (re.compile(r"rate[ _]limit(ed)?", re.IGNORECASE), "busy"),
)
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|])")


@dataclass(frozen=True, slots=True)
class DraftOutcome:
    """The ``kind`` of a draft, and the reason why it is no video; None if it is one."""

    kind: str
    reason: JobError | None = None

    @property
    def succeeded(self) -> bool:
        """True if there is a video to show."""
        return self.kind == DRAFT


def draft_outcome(draft: Draft) -> DraftOutcome:
    """Return the outcome of a draft."""
    if draft.job.state is JobState.COMPLETED:
        return DraftOutcome(DRAFT) if draft.shown else DraftOutcome(ERROR, _EXPIRED)
    reason = job_failure(draft.job)
    return DraftOutcome(VIOLATION if reason.code in MODERATION_CODES else ERROR, reason)


def job_failure(job: Job) -> JobError:
    """Return why a job failed or was canceled, sanitized for clients."""
    error = job.error or _UNKNOWN
    return JobError(sanitize_reason(error.code), sanitize_reason(error.message) or _UNKNOWN.message)


def sanitize_reason(text: str) -> str:
    """Replace words that clients would take for news about the account."""
    for alarm, harmless in _MISLEADING_WORDS:
        text = alarm.sub(harmless, text)
    return text.strip()


def as_markdown(text: str) -> str:
    """Escape a text for Markdown."""
    return _MARKDOWN.sub(r"\\\1", text)
