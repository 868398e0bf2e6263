"""How a job ended, in the dialect's words: a draft, a refusal of its content, or an error.

Clients take any draft with a reason, or without a link, as failed; and they look for numbers and
words such as ``401`` or ``unauthorized`` in reasons to judge the *account*. A reason of ours says
nothing about the account, so such words are replaced: see :func:`tame`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hinode.studio.drafts.types import Draft
from hinode.studio.jobs.types import Job, JobError, JobState

DRAFT, VIOLATION, ERROR = "sora_draft", "sora_content_violation", "sora_error"
CONTENT_REFUSALS = frozenset({"moderation_blocked", "content_policy_violation"})
"""Codes of jobs that an engine refused for what they ask to show."""

_EXPIRED = JobError("expired", "The files of this video have expired and were removed.")
_UNKNOWN = JobError("internal_error", "The job failed.")
_ALARMS = (
    (re.compile(r"40[013]|429"), "4xx"),
    (re.compile(r"unauthorized|token_invalidated|token_expired", re.IGNORECASE), "refused"),
    (re.compile(r"cf_shield|cloudflare", re.IGNORECASE), "a gateway"),
    (re.compile(r"rate[ _]limit(ed)?", re.IGNORECASE), "busy"),
)
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|])")


@dataclass(frozen=True, slots=True)
class Outcome:
    """``kind`` of a draft, and why it is no video; None when it is one."""

    kind: str
    reason: JobError | None = None

    @property
    def good(self) -> bool:
        """Whether there is something to show."""
        return self.kind == DRAFT


def outcome_of(draft: Draft) -> Outcome:
    """Say how a draft came out."""
    if draft.job.state is JobState.COMPLETED:
        return Outcome(DRAFT) if draft.shown else Outcome(ERROR, _EXPIRED)
    reason = reason_of(draft.job)
    return Outcome(VIOLATION if reason.code in CONTENT_REFUSALS else ERROR, reason)


def reason_of(job: Job) -> JobError:
    """Return why a job failed or was canceled, in words that no client mistakes."""
    error = job.error or _UNKNOWN
    return JobError(tame(error.code), tame(error.message) or _UNKNOWN.message)


def tame(text: str) -> str:
    """Replace what clients would take for news about the account."""
    for alarm, harmless in _ALARMS:
        text = alarm.sub(harmless, text)
    return text.strip()


def as_markdown(text: str) -> str:
    """Return a text as Markdown that shows it as it is."""
    return _MARKDOWN.sub(r"\\\1", text)
