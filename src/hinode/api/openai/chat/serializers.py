"""Serializers of chat completions and their chunks; no I/O.

Results are formatted for chat clients: images as Markdown, videos as an HTML player and a link.
Progress is sent as ``reasoning_content``, which clients display and SDKs pass through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hinode.api.openai import characters
from hinode.core.characters.types import Character
from hinode.core.jobs.fair_queue import ahead_text
from hinode.core.jobs.types import Job, JobDetail, JobState
from hinode.kit.ids import encode_id
from hinode.media.types import MediaKind

_BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Head:
    """The fields common to all objects of one response; ``created`` is in Unix seconds."""

    id: str
    created: int
    model: str
    prompt_tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The content of a response: a text per choice, and the value of the extension ``hinode``.

    ``made`` is None when nothing was created.
    """

    contents: Sequence[str]
    made: dict[str, Any] | None


def head(made: UUID, created: int, model: str, prompt: str) -> Head:
    """Return the common fields; ``made`` is the id of the job or character."""
    return Head(encode_id("chatcmpl-", made), created, model, count_tokens(prompt))


def count_tokens(text: str) -> int:
    """Return an estimate: 4 bytes of UTF-8 per token, since no language model is involved."""
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN)


def completion(head: Head, answer: Answer) -> dict[str, Any]:
    """Return a ``chat.completion`` object."""
    return {
        "id": head.id,
        "object": "chat.completion",
        "created": head.created,
        "model": head.model,
        "choices": [
            {
                "index": index,
                "message": {"role": "assistant", "content": content, "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
            for index, content in enumerate(answer.contents)
        ],
        "usage": _usage(head, answer),
        "hinode": answer.made,
    }


def chunk(head: Head, delta: dict[str, str], index: int) -> dict[str, Any]:
    """Return a chunk with a delta of a choice."""
    return _chunk(head, [_choice(index, delta, None)])


def last_chunk(head: Head, answer: Answer, index: int) -> dict[str, Any]:
    """Return the chunk with the finish reason of a choice."""
    return {**_chunk(head, [_choice(index, {}, "stop")]), "hinode": answer.made}


def usage_chunk(head: Head, answer: Answer) -> dict[str, Any]:
    """Return the last chunk of a stream with ``include_usage``: no choices, only usage."""
    return {**_chunk(head, []), "usage": _usage(head, answer)}


def _chunk(head: Head, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": head.id,
        "object": "chat.completion.chunk",
        "created": head.created,
        "model": head.model,
        "choices": choices,
    }


def _choice(index: int, delta: dict[str, str], finish: str | None) -> dict[str, Any]:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}


def _usage(head: Head, answer: Answer) -> dict[str, int]:
    written = sum(map(count_tokens, answer.contents))
    return {
        "prompt_tokens": head.prompt_tokens,
        "completion_tokens": written,
        "total_tokens": head.prompt_tokens + written,
    }


def started(job: Job) -> str:
    """Return the first progress line: id, size, length and seed of the job."""
    plan = job.plan
    length = f", {plan.seconds} s" if job.kind is MediaKind.VIDEO else ""
    return f"{_job_id(job)}: {plan.size}{length}, seed {plan.seed}"


def progress(detail: JobDetail) -> str:
    """Return the progress line of an unfinished job."""
    if detail.job.state is JobState.RUNNING:
        return f"rendering {detail.job.progress} %"
    ahead = detail.queue_position
    return f"queued, {ahead_text(ahead)} ahead" if ahead else "queued, next"


def of_job(job: Job, links: Sequence[str]) -> Answer:
    """Return the content for a completed job, a choice per URL."""
    plan, job_id = job.plan, _job_id(job)
    made: dict[str, Any] = {"id": job_id, "size": str(plan.size), "seed": plan.seed}
    if job.kind is MediaKind.IMAGE:
        return Answer([f"![image]({link})" for link in links], made)
    players = [
        f"```html\n<video src='{link}' controls></video>\n```\n\n[{job_id}]({link})"
        for link in links
    ]
    return Answer(players, {**made, "seconds": str(plan.seconds)})


def of_character(made: Character) -> Answer:
    """Return the content for a created character: its name, id and mention."""
    character_id = encode_id(characters.PREFIX, made.id)
    text = f"Character: @{made.name}\n\nId: {character_id}\n\nWrite @{made.name} in a prompt."
    return Answer([text], {"id": character_id, "name": made.name})


def _job_id(job: Job) -> str:
    return encode_id(f"{job.kind.value}_", job.id)
