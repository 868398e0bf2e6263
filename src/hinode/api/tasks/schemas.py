"""The shapes of the tasks dialect as documentation: the OpenAPI page is made from them.

Requests are read by :mod:`creation` and answers written by :mod:`translate`, both by hand; a test
holds these shapes against what really goes over the wire.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel


class TaskSchema(BaseModel):
    """A documented object: every key that it may have, and no other."""

    model_config = ConfigDict(extra="forbid")


class TaskErrorBody(TaskSchema):
    """What went wrong."""

    code: str = Field(description="Stable, for programs.")
    message: str
    type: str


class TaskErrorEnvelope(TaskSchema):
    """Every failure, whatever its status."""

    error: TaskErrorBody


class TaskInput(BaseModel):
    """What is to be made."""

    prompt: str = Field(min_length=1, max_length=5_000)
    duration: int = Field(description="Seconds; `GET /v1/models` lists the lengths.")
    aspect_ratio: Literal["16:9", "9:16"]
    image_urls: list[str] = Field(
        default_factory=list,
        max_length=1,
        description="The first frame, `https://…` or `data:image/png;base64,…`: JPEG, PNG or "
        "WebP, at most 10 MB, 2:5 to 5:2, short side 300 pixels or more.",
    )


class CreateTask(BaseModel):
    """A request for a video. Fields that are not listed are accepted and ignored."""

    model: str = Field(examples=["sora-2"])
    input: TaskInput
    callback_url: str | None = Field(
        default=None, description="Gets the task by POST when it is completed or failed."
    )


class TaskRef(TaskSchema):
    """Which task."""

    taskId: str


class TaskCreated(TaskSchema):
    """The answer to a create."""

    code: Literal[200]
    msg: Literal["success"]
    data: TaskRef


class RemovedRef(TaskRef):
    """Which task, and what became of it."""

    status: Literal["canceled", "deleted"]


class TaskRemoved(TaskSchema):
    """The answer to a delete."""

    code: Literal[200]
    msg: Literal["success"]
    data: RemovedRef


class _Head(TaskSchema):
    id: str
    model: str
    created_at: int = Field(description="Unix seconds, as all times here.")


class UnfinishedTask(_Head):
    """A task that waits, or is rendered."""

    status: Literal["pending", "processing"]
    progress: int | None = Field(description="Percent; null until it is known.")


class Metadata(TaskSchema):
    """What was made."""

    duration: int
    prompt: str


class Output(TaskSchema):
    """The finished video: links that work for 24 hours without a key; none once it is swept."""

    urls: list[str]
    metadata: Metadata


class CompletedTask(_Head):
    """A finished task."""

    status: Literal["completed"]
    completed_at: int
    output: Output


class TaskFailure(TaskSchema):
    """Why a task failed: `upstream_error`, `internal_error` or `canceled`."""

    code: str
    message: str


class FailedTask(_Head):
    """A failed or canceled task; it cost nothing."""

    status: Literal["failed"]
    error: TaskFailure


class TaskAnswer(RootModel[UnfinishedTask | CompletedTask | FailedTask]):
    """A task in any state; callbacks send the same."""


class TaskPage(TaskSchema):
    """A page of tasks, newest first."""

    data: list[TaskAnswer]
    has_more: bool
    next_cursor: str | None


class Credits(TaskSchema):
    """An account's credits."""

    balance: int | None = Field(description="What is left; null where credits are unlimited.")
    held: int = Field(description="Reserved for tasks that have not ended.")
    spent: int
    unlimited: bool


class CallbackSecret(TaskSchema):
    """What callbacks are signed with."""

    secret: str = Field(examples=["whsec_…"])


class RotatedSecret(CallbackSecret):
    """A callback secret just made."""

    old_secret_until: int = Field(description="Until then the secret before it signs too.")


class CallbackTry(TaskSchema):
    """One try: a status, or an error when there was none."""

    at: int
    status: int | None
    error: str | None
    latency_ms: int
    answer: str = Field(description="The beginning of what came back.")


class SentCallback(TaskSchema):
    """A callback and how it went, the last time that it was sent."""

    id: str = Field(description="The `webhook-id` of every try.", examples=["evt_…"])
    task_id: str
    url: str
    status: Literal["pending", "delivered", "failed"]
    tries: int
    created_at: int
    next_try_at: int | None
    last_try: CallbackTry | None


class CallbackPage(TaskSchema):
    """A page of callbacks, newest first."""

    data: list[SentCallback]
    has_more: bool
    next_cursor: str | None
