"""How a job ended, in the dialect's words: a draft, a refusal of its content, or an error.

Clients take any draft with a reason, or without a link, as failed; and they look for numbers and
words such as ``401`` or ``unauthorized`` in reasons to judge the *account*. A reason of ours says
nothing about the account, so such words are replaced: see :func:`sanitize_reason`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hinode.core.drafts.types import Draft
from hinode.core.jobs.types import Job, JobError, JobState

DRAFT, VIOLATION, ERROR = "sora_draft", "sora_content_violation", "sora_error"
MODERATION_CODES = frozenset({"moderation_blocked", "content_policy_violation"})
"""Codes of jobs that an engine refused for what they ask to show."""

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
    """``kind`` of a draft, and why it is no video; None when it is one."""

    kind: str
    reason: JobError | None = None

    @property
    def succeeded(self) -> bool:
        """Whether there is something to show."""
        return self.kind == DRAFT


def draft_outcome(draft: Draft) -> DraftOutcome:
    """Say how a draft came out."""
    if draft.job.state is JobState.COMPLETED:
        return DraftOutcome(DRAFT) if draft.shown else DraftOutcome(ERROR, _EXPIRED)
    reason = job_failure(draft.job)
    return DraftOutcome(VIOLATION if reason.code in MODERATION_CODES else ERROR, reason)


def job_failure(job: Job) -> JobError:
    """Return why a job failed or was canceled, in words that no client mistakes."""
    error = job.error or _UNKNOWN
    return JobError(sanitize_reason(error.code), sanitize_reason(error.message) or _UNKNOWN.message)


def sanitize_reason(text: str) -> str:
    """Replace what clients would take for news about the account."""
    for alarm, harmless in _MISLEADING_WORDS:
        text = alarm.sub(harmless, text)
    return text.strip()


def as_markdown(text: str) -> str:
    """Return a text as Markdown that shows it as it is."""
    return _MARKDOWN.sub(r"\\\1", text)
