"""What goes wrong at an upstream, as failures of a job that people can act on.

An upstream's own words reach a job's owner only cleaned: without addresses, ids, keys, paths and
markup, on one line, and short.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from hinode.engines.base import EngineError
from hinode.engines.remote.http import Ambiguous, Answer, BadAnswer, NotSent

REASON_CHARACTERS = 240
"""Longest reason of an upstream that is passed on."""

_SEARCHED = 1000


class Fault(StrEnum):
    """Whose fault a failure is, for those who choose what happens next.

    ``unsent``: the upstream was not reached, nothing was sent. ``uncertain``: the request may have
    arrived. ``request``: this request is refused, another may pass. ``moderation``: it is refused
    for its content. ``identity``: our key or account is not accepted. ``quota``: it has no credits
    left. ``busy``: there is no room now. ``server``: the upstream is broken. ``lost``: the
    upstream has forgotten the job. ``render``: it took the job and could not render it.
    ``result``: what it rendered cannot be used.
    """

    UNSENT = "unsent"
    UNCERTAIN = "uncertain"
    REQUEST = "request"
    MODERATION = "moderation"
    IDENTITY = "identity"
    QUOTA = "quota"
    BUSY = "busy"
    SERVER = "server"
    LOST = "lost"
    RENDER = "render"
    RESULT = "result"

    @property
    def code(self) -> str:
        """The public code of jobs that fail so."""
        return "moderation_blocked" if self is Fault.MODERATION else f"upstream_{_CODES[self]}"


_CODES = {
    Fault.UNSENT: "unreachable",
    Fault.UNCERTAIN: "uncertain",
    Fault.REQUEST: "refused",
    Fault.IDENTITY: "unauthorized",
    Fault.QUOTA: "quota",
    Fault.BUSY: "busy",
    Fault.SERVER: "broken",
    Fault.LOST: "lost",
    Fault.RENDER: "failed",
    Fault.RESULT: "bad_result",
}
_SAYINGS = {
    Fault.UNSENT: "The server that renders cannot be reached; try again later.",
    Fault.UNCERTAIN: (
        "The server that renders did not confirm the job, and sending it again could render it "
        "twice; make it again if you still want it."
    ),
    Fault.REQUEST: "The server that renders refuses this request",
    Fault.MODERATION: "The request was refused by the content policy",
    Fault.IDENTITY: (
        "The server that renders does not accept the operator's key; the operator must mend it."
    ),
    Fault.QUOTA: "The server that renders has no credits left; the operator must refill them.",
    Fault.BUSY: "The server that renders has no room now; try again later.",
    Fault.SERVER: "The server that renders does not work properly; try again later",
    Fault.LOST: "The server that renders has lost the job; make it again.",
    Fault.RENDER: "The server that renders could not make this",
    Fault.RESULT: "What the server rendered cannot be used",
}
_UNTAKEN = frozenset({Fault.UNSENT, Fault.BUSY, Fault.IDENTITY, Fault.QUOTA})
"""Faults after which the upstream has surely no job: another engine may be given it."""
_UNWELL = frozenset({Fault.UNCERTAIN, Fault.SERVER})
"""Faults that tell of a broken upstream, though it may have the job."""
_ENDED = frozenset({Fault.MODERATION, Fault.RENDER, Fault.RESULT})
"""Faults of a job that the upstream is done with."""
_WITH_REASON = frozenset(
    {Fault.REQUEST, Fault.MODERATION, Fault.SERVER, Fault.RENDER, Fault.RESULT}
)


class UpstreamError(EngineError):
    """A job that an upstream did not render.

    ``fault`` says whose fault it is; ``retry_after`` is the seconds that the upstream asks to
    wait, or None; ``status`` its HTTP status, or None. ``ended``: the upstream is done with the
    job; else it may go on there. The message may be shown to anybody.
    """

    def __init__(
        self,
        fault: Fault,
        reason: str = "",
        *,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(fault.code, _sentence(fault, reason))
        self.fault = fault
        self.untaken = fault in _UNTAKEN
        self.unwell = fault in _UNWELL
        self.ended = fault in _ENDED
        self.retry_after = retry_after
        self.status = status


def _sentence(fault: Fault, reason: str) -> str:
    saying, said = _SAYINGS[fault], cleaned(reason)
    if fault not in _WITH_REASON:
        return saying
    return f"{saying}: {said}" if said else f"{saying}."


def of_exception(error: NotSent | Ambiguous | BadAnswer) -> UpstreamError:
    """Return the failure of a request that must not be repeated and got no good answer."""
    match error:
        case NotSent():
            return UpstreamError(Fault.UNSENT)
        case Ambiguous():
            return UpstreamError(Fault.UNCERTAIN)
    return UpstreamError(Fault.SERVER, str(error))


_FAULTS = {
    401: Fault.IDENTITY,
    402: Fault.QUOTA,
    403: Fault.IDENTITY,
    408: Fault.UNCERTAIN,
    409: Fault.BUSY,
    429: Fault.BUSY,
    502: Fault.UNCERTAIN,
    503: Fault.BUSY,
    504: Fault.UNCERTAIN,
}
_MODERATION = re.compile(
    r"moderation|content.?polic|content.?violation|sensitive|safety|nsfw", re.I
)
_QUOTA = re.compile(r"insufficient|quota|credits?_|balance|billing", re.I)


def of_answer(answer: Answer) -> UpstreamError:
    """Return the failure that an answer without a job means, by its status and its body.

    A gateway's 502 and 504 leave open whether the request arrived behind it, and so does 408.
    """
    code, reason = said(_object(answer))
    status = answer.status
    if answer.ok or status < 400:
        fault = Fault.SERVER
        reason = reason or f"It answered with status {status} and no job."
    else:
        fault = _FAULTS.get(status, Fault.SERVER if status >= 500 else Fault.REQUEST)
        fault = _by_words(fault, code)
    return UpstreamError(fault, reason, retry_after=answer.retry_after, status=status)


def of_report(error: object) -> UpstreamError:
    """Return the failure that an upstream's job reports of itself.

    ``error`` is what it says: an object with ``code`` and ``message``, a text, or nothing.
    """
    code, reason = said({"error": error})
    return UpstreamError(_by_words(Fault.RENDER, f"{code} {reason}"), reason)


def _by_words(fault: Fault, words: str) -> Fault:
    if fault in (Fault.REQUEST, Fault.IDENTITY, Fault.RENDER) and _MODERATION.search(words):
        return Fault.MODERATION
    if fault in (Fault.REQUEST, Fault.IDENTITY, Fault.BUSY) and _QUOTA.search(words):
        return Fault.QUOTA
    return fault


def said(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return the code and the reason in a body: OpenAI's envelope, FastAPI's ``detail``, a text.

    Both are empty where there are none, and raw: for people only after :func:`cleaned`.
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


def _object(answer: Answer) -> Mapping[str, Any]:
    try:
        return answer.json()
    except BadAnswer:
        return {}


_HIDDEN = re.compile(
    r"""
    \b[a-z][a-z0-9+.-]*://\S+                    # addresses
    | \bdata:[\w/+.-]+[;,]\S*
    | \b(?:bearer|basic)\s+\S+                   # what proves who somebody is
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


def cleaned(text: str) -> str:
    """Return an upstream's words so that anybody may read them; empty when nothing is left.

    Addresses, keys, ids, e-mail addresses and the server's paths become "…"; pages and stack
    traces are left out altogether; at most 240 characters remain.
    """
    text = text[:4000]
    if _TRACE.search(text) or _MARKUP.search(text):
        return ""
    plain = "".join(one if one.isprintable() else " " for one in text)
    if len(plain) > _SEARCHED:
        # Patterns need time with the square of the length; half a word might be half a key.
        plain = plain[:_SEARCHED].rpartition(" ")[0]
    hidden = " ".join(_HIDDEN.sub("…", _LABELLED.sub(r"\1…", plain)).split())
    if not any(one.isalpha() for one in hidden):
        return ""
    if len(hidden) > REASON_CHARACTERS:
        hidden = hidden[: REASON_CHARACTERS - 1].rstrip() + "…"
    return hidden
