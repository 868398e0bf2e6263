"""Errors of upstreams as failures of a job.

An upstream's message is shown to a job's owner only sanitized: without addresses, ids, keys, paths
and markup, on one line, and short.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from hinode.engines.base import EngineError
from hinode.engines.remote.http import (
    InvalidResponse,
    OutcomeUnknown,
    RequestNotSent,
    UpstreamResponse,
)

MAX_REASON_LENGTH = 240
"""Longest reason of an upstream that is passed on."""

_MAX_SEARCHED = 1000


class FailureKind(StrEnum):
    """The kind of a failure, which decides what happens next.

    ``unreachable``: the upstream was not reached, nothing was sent. ``uncertain``: the request may
    have arrived. ``invalid_request``: this request is rejected, others may be accepted.
    ``moderation``: it is rejected for its content. ``unauthorized``: our key or account is not
    accepted. ``quota``: it has no credits left. ``busy``: it has no capacity now. ``server_error``:
    the upstream is broken. ``lost``: the upstream has forgotten the job. ``render_failed``: it took
    the job and could not render it. ``bad_result``: what it rendered cannot be used.
    """

    UNREACHABLE = "unreachable"
    UNCERTAIN = "uncertain"
    INVALID_REQUEST = "invalid_request"
    MODERATION = "moderation"
    UNAUTHORIZED = "unauthorized"
    QUOTA = "quota"
    BUSY = "busy"
    SERVER_ERROR = "server_error"
    LOST = "lost"
    RENDER_FAILED = "render_failed"
    BAD_RESULT = "bad_result"

    @property
    def code(self) -> str:
        """The public code of jobs that fail so."""
        return (
            "moderation_blocked" if self is FailureKind.MODERATION else f"upstream_{_CODES[self]}"
        )


_CODES = {
    FailureKind.UNREACHABLE: "unreachable",
    FailureKind.UNCERTAIN: "uncertain",
    FailureKind.INVALID_REQUEST: "refused",
    FailureKind.UNAUTHORIZED: "unauthorized",
    FailureKind.QUOTA: "quota",
    FailureKind.BUSY: "busy",
    FailureKind.SERVER_ERROR: "broken",
    FailureKind.LOST: "lost",
    FailureKind.RENDER_FAILED: "failed",
    FailureKind.BAD_RESULT: "bad_result",
}
_MESSAGES = {
    FailureKind.UNREACHABLE: "The server that renders cannot be reached; try again later.",
    FailureKind.UNCERTAIN: (
        "The server that renders did not confirm the job, and sending it again could render it "
        "twice; make it again if you still want it."
    ),
    FailureKind.INVALID_REQUEST: "The server that renders refuses this request",
    FailureKind.MODERATION: "The request was refused by the content policy",
    FailureKind.UNAUTHORIZED: (
        "The server that renders does not accept the operator's key; the operator must correct it."
    ),
    FailureKind.QUOTA: "The server that renders has no credits left; "
    "the operator must refill them.",
    FailureKind.BUSY: "The server that renders has no room now; try again later.",
    FailureKind.SERVER_ERROR: "The server that renders does not work properly; try again later",
    FailureKind.LOST: "The server that renders has lost the job; make it again.",
    FailureKind.RENDER_FAILED: "The server that renders could not make this",
    FailureKind.BAD_RESULT: "What the server rendered cannot be used",
}
_NOT_ACCEPTED = frozenset(
    {FailureKind.UNREACHABLE, FailureKind.BUSY, FailureKind.UNAUTHORIZED, FailureKind.QUOTA}
)
"""Failures after which the upstream certainly has no job: another engine may get it."""
_ENGINE_FAULT = frozenset({FailureKind.UNCERTAIN, FailureKind.SERVER_ERROR})
"""Failures of a broken upstream, which may have the job."""
_TERMINAL = frozenset({FailureKind.MODERATION, FailureKind.RENDER_FAILED, FailureKind.BAD_RESULT})
"""Failures of a job that has ended at the upstream."""
_WITHOUT_JOB = _NOT_ACCEPTED | {
    FailureKind.INVALID_REQUEST,
    FailureKind.MODERATION,
    FailureKind.RENDER_FAILED,
}
"""Failures of a submit after which the upstream has nothing to charge for."""
_WITH_REASON = frozenset(
    {
        FailureKind.INVALID_REQUEST,
        FailureKind.MODERATION,
        FailureKind.SERVER_ERROR,
        FailureKind.RENDER_FAILED,
        FailureKind.BAD_RESULT,
    }
)


class UpstreamError(EngineError):
    """A job that an upstream did not render.

    ``retry_after`` is the seconds that the upstream requests to wait, or None; ``status`` its HTTP
    status, or None. ``ended``: the job has ended at the upstream; else it may go on there. The
    message may be shown to anybody.
    """

    def __init__(
        self,
        failure_kind: FailureKind,
        reason: str = "",
        *,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(failure_kind.code, _message(failure_kind, reason))
        self.failure_kind = failure_kind
        self.not_accepted = failure_kind in _NOT_ACCEPTED
        self.engine_fault = failure_kind in _ENGINE_FAULT
        self.ended = failure_kind in _TERMINAL
        self.retry_after = retry_after
        self.status = status

    def may_cost(self, *, accepted: bool) -> bool:
        """Return whether the upstream may charge for the job.

        Of a job that it had accepted it charges for no failure of its own, but some charge for
        what their moderation refuses.
        """
        if accepted:
            return self.failure_kind is not FailureKind.RENDER_FAILED
        return self.failure_kind not in _WITHOUT_JOB


def _message(failure_kind: FailureKind, reason: str) -> str:
    message, detail = _MESSAGES[failure_kind], sanitize(reason)
    if failure_kind not in _WITH_REASON:
        return message
    return f"{message}: {detail}" if detail else f"{message}."


def error_from_exception(error: RequestNotSent | OutcomeUnknown | InvalidResponse) -> UpstreamError:
    """Return the failure of a request that must not be repeated and got no valid response."""
    match error:
        case RequestNotSent():
            return UpstreamError(FailureKind.UNREACHABLE)
        case OutcomeUnknown():
            return UpstreamError(FailureKind.UNCERTAIN)
    return UpstreamError(FailureKind.SERVER_ERROR, str(error))


_KIND_BY_STATUS = {
    401: FailureKind.UNAUTHORIZED,
    402: FailureKind.QUOTA,
    403: FailureKind.UNAUTHORIZED,
    408: FailureKind.UNCERTAIN,
    409: FailureKind.BUSY,
    429: FailureKind.BUSY,
    502: FailureKind.UNCERTAIN,
    503: FailureKind.BUSY,
    504: FailureKind.UNCERTAIN,
}
_MODERATION = re.compile(
    r"moderation|content.?polic|content.?violation|sensitive|safety|nsfw", re.I
)
_QUOTA = re.compile(r"insufficient|quota|credits?_|balance|billing", re.I)


def error_from_response(response: UpstreamResponse) -> UpstreamError:
    """Return the failure that a response without a job means, by its status and its body.

    A gateway's 502 and 504 leave open whether the request arrived behind it, and so does 408.
    """
    code, reason = extract_error(_json_or_empty(response))
    status = response.status
    if response.ok or status < 400:
        failure_kind = FailureKind.SERVER_ERROR
        reason = reason or f"It answered with status {status} and no job."
    else:
        failure_kind = _KIND_BY_STATUS.get(
            status, FailureKind.SERVER_ERROR if status >= 500 else FailureKind.INVALID_REQUEST
        )
        failure_kind = _refine_kind(failure_kind, code)
    return UpstreamError(failure_kind, reason, retry_after=response.retry_after, status=status)


def error_from_job(error: object) -> UpstreamError:
    """Return the failure that an upstream's job reports.

    ``error`` is an object with ``code`` and ``message``, a text, or nothing.
    """
    code, reason = extract_error({"error": error})
    return UpstreamError(_refine_kind(FailureKind.RENDER_FAILED, f"{code} {reason}"), reason)


def _refine_kind(failure_kind: FailureKind, words: str) -> FailureKind:
    if failure_kind in (
        FailureKind.INVALID_REQUEST,
        FailureKind.UNAUTHORIZED,
        FailureKind.RENDER_FAILED,
    ) and _MODERATION.search(words):
        return FailureKind.MODERATION
    if failure_kind in (
        FailureKind.INVALID_REQUEST,
        FailureKind.UNAUTHORIZED,
        FailureKind.BUSY,
    ) and _QUOTA.search(words):
        return FailureKind.QUOTA
    return failure_kind


def extract_error(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return the code and the reason in a body: OpenAI's envelope, FastAPI's ``detail``, a text.

    Both are empty where there are none, and raw: for people only after :func:`sanitize`.
    """
    error = next((body[key] for key in ("error", "detail", "message") if body.get(key)), "")
    if isinstance(error, list):
        error = error[0] if error else ""
    if isinstance(error, Mapping):
        code = error.get("code") or error.get("type") or ""
        reason = next((error[key] for key in ("message", "msg", "detail") if error.get(key)), "")
        return _text(code), _text(reason)
    return _text(body.get("code")), _text(error)


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _json_or_empty(response: UpstreamResponse) -> Mapping[str, Any]:
    try:
        return response.json()
    except InvalidResponse:
        return {}


_HIDDEN = re.compile(
    r"""
    \b[a-z][a-z0-9+.-]*://\S+                    # addresses
    | \bdata:[\w/+.-]+[;,]\S*
    | \b(?:bearer|basic)\s+\S+                   # credentials
    | \b(?:sk|pk|rk|key|api|whsec|xox[a-z])[-_][A-Za-z0-9_-]{6,}
    | \beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?
    | [\w.+-]+@[\w-]+\.[\w.]+
    | \b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b
    | \b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b   # ids
    | \b[A-Za-z]{2,12}[_-](?=[\w-]*\d)[\w-]{10,}
    | \b(?=[A-Za-z0-9+/_-]*\d)[A-Za-z0-9+/_-]{20,}={0,2}
    | (?:(?<=\s)|^)(?:/[\w.@-]+){2,}             # files of the server
    | \b[A-Z]:\\\S+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LABELLED = re.compile(
    r"""(\b(?:api[ _-]?key|token|secret|password)\b(?:\s\w{1,20})?["']?\s?[:=]\s?)[^\s,;]+""",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"<[^<>]{1,200}>")
_TRACE = re.compile(
    r"traceback \(most recent call last\)|^\s+at \S+\(|file \"[^\"]+\", line \d+", re.I
)


def sanitize(text: str) -> str:
    """Return an upstream's message without anything secret; empty when nothing is left.

    Addresses, keys, ids, e-mail addresses and the server's paths become "…"; pages and stack
    traces are left out altogether; at most 240 characters remain.
    """
    text = text[:4000]
    if _TRACE.search(text) or _MARKUP.search(text):
        return ""
    plain = "".join(one if one.isprintable() else " " for one in text)
    if len(plain) > _MAX_SEARCHED:
        # Patterns take quadratic time; a cut word might be part of a key.
        plain = plain[:_MAX_SEARCHED].rpartition(" ")[0]
    hidden = " ".join(_HIDDEN.sub("…", _LABELLED.sub(r"\1…", plain)).split())
    if not any(one.isalpha() for one in hidden):
        return ""
    if len(hidden) > MAX_REASON_LENGTH:
        hidden = hidden[: MAX_REASON_LENGTH - 1].rstrip() + "…"
    return hidden
