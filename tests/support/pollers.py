"""Pollers that decide as real clients of the Sora backend do, rule by rule.

Each follows one job to its end. Where the rules come from is told in the dialect's facts, §7: they
were read in the clients' code. Intervals and limits are the clients' own, in seconds, times
:data:`SCALE`. What a client does when the server is away for a moment is kept: some swallow any
exception of a poll and ask again; for the others, whose patience would have to be scaled with the
time that a restart takes, :meth:`Line.ask` waits until the server is back.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

import httpx

SCALE = 0.3
OUTAGE_SECONDS = 60.0
VIOLATION, ERROR = "sora_content_violation", "sora_error"
Json = dict[str, Any]


class End(StrEnum):
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True)
class Verdict:
    """What a client makes of a job: its result's URL, or why it has none."""

    end: End
    url: str = ""
    reason: str = ""


class PollError(Exception):
    """An answer that the client cannot use."""


class Line:
    """One client's connection to the server, with a token."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def once(self, path: str, **query: int) -> Any:
        """Ask; anything but JSON with 200 is an exception."""
        answer = await self._http.get(path, params=query)
        if answer.status_code != 200:
            raise PollError(f"{answer.status_code} {answer.text}")
        return answer.json()

    async def ask(self, path: str, **query: int) -> Any:
        """Ask a server that may be away for a moment."""
        deadline = time.monotonic() + OUTAGE_SECONDS
        while True:
            try:
                return await self.once(path, **query)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.05)


class Poller(ABC):
    """One client. ``patience`` is how long it follows a job at most."""

    name: ClassVar[str]
    patience: ClassVar[float] = 600.0

    def __init__(self, line: Line) -> None:
        self.line = line
        self._until = 0.0

    async def follow(self, task: str) -> Verdict:
        """Follow a job that was just created."""
        self._until = time.monotonic() + self.patience * SCALE
        while not self.is_late:
            verdict = await self.step(task)
            if verdict is not None:
                return verdict
        return self.late()

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self._until

    def late(self) -> Verdict:
        return Verdict(End.LOST, reason="timeout")

    @abstractmethod
    async def step(self, task: str) -> Verdict | None:
        """Wait and poll once, in the client's own order; None: go on."""

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds * SCALE)


def named(tasks: Any, task: str, key: str = "id") -> Json | None:
    """The entry of a list that bears an id."""
    return next((one for one in tasks if one.get(key) == task), None)


def blank(text: str | None) -> bool:
    return not (text or "").strip()


def swallowed() -> suppress:
    """Any exception of a poll is logged by such a client, and the next poll comes."""
    return suppress(Exception)


class Han(Poller):
    """Absent from pending: to the drafts at once. No URL, or any reason: content violation."""

    name = "HAN"
    patience = 3000.0
    pending_path = "/nf/pending/v2"
    drafts_path = "/project_y/profile/drafts"

    async def step(self, task: str) -> Verdict | None:
        await self.pause(self.interval())
        with swallowed():
            pending = await self.line.once(self.pending_path)
            entry = named(pending, task) if isinstance(pending, list) else None
            if entry is not None:
                self.progressed(int((entry.get("progress_pct") or 0.0) * 100))
                return None
            drafts = (await self.line.once(self.drafts_path, limit=15)).get("items", [])
            draft = named(drafts, task, "task_id")
            return None if draft is None else self.judge(draft)
        return None

    def interval(self) -> float:
        return 2.5

    def progressed(self, percent: int) -> None:
        """Nothing comes of it."""

    def judge(self, draft: Json) -> Verdict | None:
        reason = draft.get("reason_str") or draft.get("markdown_reason_str")
        url = draft.get("downloadable_url") or draft.get("url")
        if draft.get("kind") == VIOLATION or not blank(reason) or not url:
            return Verdict(End.FAILED, reason=reason or "Content policy violation")
        return Verdict(End.DONE, url)


class Zhu(Han):
    """As HAN, but a draft without URL and reason is waited for, and the pace follows progress."""

    name = "ZHU"
    patience = 1500.0

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._percent = 0
        self._stalled = 0

    def interval(self) -> float:
        pace = 5.0 if self._percent < 30 else 3.0 if self._percent < 70 else 2.0
        return pace * 1.5 if self._stalled >= 3 else pace

    def progressed(self, percent: int) -> None:
        self._stalled = self._stalled + 1 if percent == self._percent else 0
        self._percent = percent

    def judge(self, draft: Json) -> Verdict | None:
        reason = draft.get("reason_str") or draft.get("markdown_reason_str")
        if draft.get("kind") == VIOLATION or not blank(reason):
            return Verdict(End.FAILED, reason=reason or "Content policy violation")
        url = draft.get("downloadable_url") or draft.get("url")
        return Verdict(End.DONE, url) if url else None


class Shake(Han):
    """Reads drafts/v2 strictly: pending a list, drafts an object with a list; names the reason."""

    name = "SHAKE"
    drafts_path = "/project_y/profile/drafts/v2"

    async def step(self, task: str) -> Verdict | None:
        await self.pause(2.5)
        with swallowed():
            pending = await self.line.once(self.pending_path)
            if not isinstance(pending, list):
                raise PollError("pending is no list")
            if named(pending, task):
                return None
            page = await self.line.once(self.drafts_path, limit=15)
            if not isinstance(page, dict) or not isinstance(page.get("items"), list):
                raise PollError("drafts are no page")
            draft = named(page["items"], task, "task_id")
            return None if draft is None else self.judge(draft)
        return None

    def judge(self, draft: Json) -> Verdict | None:
        url = draft.get("downloadable_url") or draft.get("url")
        if draft.get("kind") == VIOLATION or not blank(draft.get("reason_str")):
            return Verdict(End.FAILED, reason=draft.get("reason_str") or VIOLATION)
        if url:
            return Verdict(End.DONE, url)
        why = draft.get("error_reason") or draft.get("reason_str") or draft.get("kind")
        return Verdict(End.FAILED, reason=f"Upstream generation failed: {why}")


class Iudd(Han):
    """The first version of pending, and no look at why: a draft without URL has failed."""

    name = "IUDD"
    pending_path = "/nf/pending"

    def judge(self, draft: Json) -> Verdict | None:
        url = draft.get("downloadable_url") or draft.get("url")
        return Verdict(End.DONE, url) if url else Verdict(End.FAILED, reason="no url")


class GoSdk(Poller):
    """Gone twice after it was seen, or never seen for 30 s: three looks into the drafts."""

    name = "GO SDK"

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._gone = 0
        self._seen = False
        self._begun = time.monotonic()
        self._first = True

    async def step(self, task: str) -> Verdict | None:
        await self.pause(2.0 if self._first else 3.0)
        self._first = False
        entry = named(await self.line.ask("/nf/pending/v2"), task)
        if entry is not None:
            self._seen, self._gone = True, 0
            failed = entry["status"] in ("failed", "error")
            return Verdict(End.FAILED, reason=str(entry["failure_reason"])) if failed else None
        self._gone += self._seen
        never = not self._seen and time.monotonic() - self._begun > 30 * SCALE
        return await go_drafts(self, task) if never or self._gone >= 2 else None


class GoServer(Poller):
    """The first poll that does not list the task counts as its end; no draft then: failed."""

    name = "GO server"
    patience = 1800.0

    async def step(self, task: str) -> Verdict | None:
        await self.pause(5.0)
        pending = await self.line.ask("/nf/pending/v2")
        return None if named(pending, task) else await go_drafts(self, task)


async def go_drafts(poller: Poller, task: str) -> Verdict:
    """Look three times, with growing pauses; a draft without URL and reason is none."""
    for attempt in range(1, 4):
        drafts = (await poller.line.ask("/project_y/profile/drafts", limit=15))["items"]
        draft = named(drafts, task, "task_id")
        if draft is not None:
            reason = draft["reason_str"] or draft["markdown_reason_str"]
            if draft["kind"] == VIOLATION or reason:
                return Verdict(End.FAILED, reason=f"内容违规: {reason}")
            if url := draft["downloadable_url"] or draft["url"]:
                return Verdict(End.DONE, url)
        await poller.pause(3.0 * attempt)
    return Verdict(End.LOST, reason="task not found in drafts")


class Sub2(Poller):
    """Pending, else the drafts, else still in work."""

    name = "SUB2"

    async def step(self, task: str) -> Verdict | None:
        await self.pause(5.0)
        if named(await self.line.ask("/nf/pending/v2"), task):
            return None
        drafts = (await self.line.ask("/project_y/profile/drafts", limit=15))["items"]
        draft = named(drafts, task, "task_id")
        if draft is None:
            return None
        url = draft.get("downloadable_url") or draft.get("url")
        reason = draft.get("reason_str") or draft.get("markdown_reason_str") or ""
        if draft.get("kind") == VIOLATION or reason or not url:
            return Verdict(End.FAILED, reason=reason)
        return Verdict(End.DONE, url)


class Tg(Poller):
    """Needs `url` and `encodings`; any status of 400 and more from the drafts is the end."""

    name = "TG"

    async def step(self, task: str) -> Verdict | None:
        await self.pause(3.0)
        entry = named(await self.line.ask("/nf/pending"), task)
        if entry is not None:
            why = entry.get("failure_reason")
            failed = why or entry["status"] in ("failed", "error", "canceled")
            return Verdict(End.FAILED, reason=str(why)) if failed else None
        try:
            drafts = (await self.line.ask("/project_y/profile/drafts", limit=15))["items"]
        except PollError as error:
            return Verdict(End.LOST, reason=f"poll_failed {error}")
        draft = named(drafts, task, "task_id")
        if draft is None:
            return None
        if draft.get("url") and draft.get("encodings"):
            return Verdict(End.DONE, draft["url"])
        reasons = ("reason", "reason_str", "markdown_reason_str", "error_reason")
        why = next((draft[name] for name in reasons if draft.get(name)), None)
        if draft.get("kind") == ERROR or why:
            return Verdict(End.FAILED, reason=str(why))
        return None


class Ext2(Poller):
    """Looks on: a failed pending item is fatal; from drafts/v2 it takes the cleanest file."""

    name = "EXT2"

    async def step(self, task: str) -> Verdict | None:
        await self.pause(2.5)
        entry = named(await self.line.ask("/nf/pending/v2"), task)
        if entry is not None:
            failed = entry["status"] in ("failed", "cancelled")
            return Verdict(End.FAILED, reason=str(entry.get("failure_reason"))) if failed else None
        items = (await self.line.ask("/project_y/profile/drafts/v2", limit=15))["items"]
        flat = [draft for item in items for draft in item.get("drafts") or [item]]
        draft = named(flat, task, "task_id")
        if draft is None:
            return None
        if draft["kind"] not in ("sora_draft", "draft"):
            return Verdict(End.FAILED, reason=str(draft["reason_str"]))
        urls = draft["download_urls"]
        found = urls["no_watermark"] or draft["downloadable_url"] or urls["watermark"]
        return Verdict(End.DONE, found) if found else None


class Videnx(Poller):
    """Takes arrays and pages alike, and believes the kind."""

    name = "VIDENX"
    patience = 1800.0

    async def step(self, task: str) -> Verdict | None:
        await self.pause(5.0)
        if named(_entries(await self.line.ask("/nf/pending/v2")), task):
            return None
        drafts = _entries(await self.line.ask("/project_y/profile/drafts", limit=15))
        draft = named(drafts, task, "task_id")
        if draft is None:
            return None
        if draft["kind"] in (VIOLATION, ERROR):
            return Verdict(End.FAILED, reason=str(draft["reason_str"]))
        return Verdict(End.DONE, draft["url"]) if draft["url"] else None


def _entries(answer: Any) -> list[Json]:
    found: list[Json] = answer if isinstance(answer, list) else answer["items"]
    return found


class HanImages(Poller):
    """Multiplies the progress before it looks at the status; a failure is only its time-out."""

    name = "HAN images"
    patience = 120.0
    """Of 300: this client has no other way to learn that a picture failed."""

    async def step(self, task: str) -> Verdict | None:
        await self.pause(2.5)
        with swallowed():
            answer = await self.line.once("/v2/recent_tasks", limit=20)
            entry = named(answer["task_responses"], task)
            if entry is None:
                return None
            if "progress_pct" in entry:
                int(entry["progress_pct"] * 100)
            if entry["status"] == "succeeded":
                urls = [one["url"] for one in entry["generations"] if one.get("url")]
                return Verdict(End.DONE, urls[0]) if urls else None
            if entry["status"] == "failed":
                raise PollError(entry["error_message"])
        return None

    def late(self) -> Verdict:
        return Verdict(End.FAILED, reason="timeout")


class GoImages(Poller):
    """Believes the status; a success without a URL is a failure."""

    name = "GO images"
    patience = 1800.0

    async def step(self, task: str) -> Verdict | None:
        await self.pause(3.0)
        answer = await self.line.ask("/v2/recent_tasks", limit=20)
        entry = named(answer["task_responses"], task)
        if entry is None or entry["status"] not in ("succeeded", "failed", "error"):
            return None
        urls = [one["url"] for one in entry["generations"]]
        if entry["status"] == "succeeded" and urls and urls[0]:
            return Verdict(End.DONE, urls[0])
        return Verdict(End.FAILED, reason=str(entry["failure_reason"]))


VIDEO_POLLERS: tuple[type[Poller], ...] = (
    Han, Zhu, Shake, Iudd, GoSdk, GoServer, Sub2, Tg, Ext2, Videnx,
)  # fmt: skip
IMAGE_POLLERS: tuple[type[Poller], ...] = (HanImages, GoImages)
