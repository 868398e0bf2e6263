"""Chat completions as server-sent events: progress, then the result."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from hinode.api.json_text import dump
from hinode.api.openai.chat import serializers
from hinode.api.openai.chat.serializers import Answer, Head
from hinode.api.openai.job_failures import failed_error
from hinode.api.openai.waiting import JobWaiting
from hinode.api.request_errors import RequestError
from hinode.core.errors import HinodeError
from hinode.core.jobs.types import Job, JobState

_KEEP_ALIVE = b": keep-alive\n\n"
_BROKEN = "The stream was interrupted by a server error; the server's log has the cause."

log = structlog.get_logger("hinode.chat")


@dataclass(frozen=True, slots=True)
class ChatStream:
    """The stream of a completion; ``answer`` returns the content for the completed job.

    It holds no reference to the request and its body: hundreds of streams may be open.
    """

    head: Head
    waiting: JobWaiting
    answer: Callable[[Job], Answer]
    usage: bool

    async def events(self) -> AsyncIterator[bytes]:
        """Yield chunks and keep-alive comments, then the result, or an error object."""
        job = self.waiting.job
        for index in range(job.plan.outputs):
            yield _chunk(self.head, {"role": "assistant", "content": ""}, index)
        yield self._thought(serializers.started(job))
        try:
            async for event in self._following():
                yield event
        except (HinodeError, RequestError) as error:
            yield _error_event(error.message)
        except Exception:
            log.exception("a chat stream failed", job_id=job.id.hex)
            yield _error_event(_BROKEN)

    async def _following(self) -> AsyncIterator[bytes]:
        said = ""
        async with aclosing(self.waiting.changes()) as changes:
            async for detail in changes:
                if detail is not None and detail.job.state.ended:
                    for event in self._last(detail.job):
                        yield event
                    return
                news = serializers.progress(detail) if detail else said
                yield _KEEP_ALIVE if news == said else self._thought(news)
                said = news

    def _last(self, job: Job) -> Iterator[bytes]:
        if job.state is not JobState.COMPLETED:
            return iter([_event({"error": failed_error(job)})])
        return result_events(self.head, self.answer(job), usage=self.usage)

    def _thought(self, words: str) -> bytes:
        return _chunk(self.head, {"reasoning_content": f"{words}\n"})


def whole_stream(head: Head, answer: Answer, *, usage: bool) -> Iterator[bytes]:
    """Yield the stream of a result that is already known."""
    for index in range(len(answer.contents)):
        yield _chunk(head, {"role": "assistant", "content": ""}, index)
    yield from result_events(head, answer, usage=usage)


def result_events(head: Head, answer: Answer, *, usage: bool) -> Iterator[bytes]:
    """Yield the result, the finish reasons, the usage if requested, and ``[DONE]``."""
    for index, content in enumerate(answer.contents):
        yield _chunk(head, {"content": content}, index)
    for index in range(len(answer.contents)):
        yield _event(serializers.last_chunk(head, answer, index))
    if usage:
        yield _event(serializers.usage_chunk(head, answer))
    yield b"data: [DONE]\n\n"


def _chunk(head: Head, delta: dict[str, str], index: int = 0) -> bytes:
    return _event(serializers.chunk(head, delta, index))


def _error_event(message: str) -> bytes:
    error = {"message": message, "type": "server_error", "param": None, "code": "server_error"}
    return _event({"error": error})


def _event(value: object) -> bytes:
    return b"data: " + dump(value) + b"\n\n"
