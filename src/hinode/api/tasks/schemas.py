"""Schemas of the tasks dialect: requests are parsed by them, answers documented.

A test holds the schemas of answers against what goes over the wire.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel
from pydantic_core import PydanticCustomError

from hinode.api.cursor_pages import CursorQuery, parse_uuid
from hinode.api.json_text import dump
from hinode.api.parsing import (
    Defaulted,
    FieldError,
    Nullable,
    RequestSchema,
    Required,
    RequiredInteger,
    parse,
)
from hinode.api.tasks.serializers import STATUSES
from hinode.api.values import Fields, Value
from hinode.core.catalog.service import GenerationParams
from hinode.core.catalog.types import Orientation, Size
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.overview import JobQuery


class TaskSchema(BaseModel):
    """A documented object with exactly these keys."""

    model_config = ConfigDict(extra="forbid")


class TaskErrorBody(TaskSchema):
    """The error of a failure."""

    code: str = Field(description="Stable, for programs.")
    message: str
    type: str


class TaskErrorEnvelope(TaskSchema):
    """The body of every failure."""

    error: TaskErrorBody


class TaskInput(RequestSchema):
    """The video to make."""

    prompt: Required[Annotated[str, Field(max_length=5_000, json_schema_extra={"minLength": 1})]]
    duration: RequiredInteger[int] = Field(
        description="Seconds; `GET /v1/models` lists the lengths."
    )
    aspect_ratio: Required[Literal["16:9", "9:16"]]
    image_urls: Defaulted[Annotated[list[str], Field(max_length=1)]] = Field(
        default=[],
        description="The first frame, `https://…` or `data:image/png;base64,…`: JPEG, PNG or "
        "WebP, at most 10 MB, 2:5 to 5:2, short side 300 pixels or more.",
    )


def _empty_is_missing(value: Value) -> Value:
    if not value:
        raise PydanticCustomError("missing", "Field required")
    return value


class CreateTask(RequestSchema):
    """A request for a video. Fields that are not listed are accepted and ignored."""

    model: Required[str] = Field(examples=["sora-2"])
    input: Annotated[TaskInput, BeforeValidator(_empty_is_missing)]
    callback_url: Nullable[str] = Field(
        default=None, description="Gets the task by POST when it is completed or failed."
    )

    @property
    def image_url(self) -> str | None:
        """The URL of the first frame."""
        return next(iter(self.input.image_urls), None)

    @property
    def orientation(self) -> Orientation:
        """The orientation that the aspect ratio asks for."""
        wide = self.input.aspect_ratio == "16:9"
        return Orientation.LANDSCAPE if wide else Orientation.PORTRAIT

    def params(self, size: Size) -> GenerationParams:
        """Return the generation parameters, with the model's size of the requested orientation."""
        return GenerationParams(model=self.model, size=str(size), duration=str(self.input.duration))

    def fingerprint(self) -> str:
        """Return a SHA-256 that requests share only when they ask for the same thing."""
        one = self.input
        parsed = (self.model, one.prompt, one.duration, one.aspect_ratio, self.image_url)
        return hashlib.sha256(dump(["tasks.create", *parsed, self.callback_url])).hexdigest()


def parse_create(fields: Fields) -> CreateTask:
    """Parse a request for a video, with the documented messages. Raises as ``parse`` does."""
    return parse(CreateTask, fields, _PHRASES, prefix="input.")


class ListTasks(CursorQuery):
    """A page of the account's tasks."""

    status: Nullable[Literal["pending", "processing", "completed", "failed"]] = None
    model: Nullable[str] = None

    def job_query(self, model: str | None) -> JobQuery:
        """Return the query of jobs, of the model with this id, or of all models."""
        page = self.page(parse_uuid)
        states = [state for state, name in STATUSES.items() if name == self.status]
        return JobQuery(page.limit, page.after, states, model)


def parse_list(query: Mapping[str, str]) -> ListTasks:
    """Parse the query of the list of tasks. Raises :class:`HinodeError`."""
    return parse(ListTasks, query, {"literal_error": _not_offered})


def _not_offered(error: FieldError) -> HinodeError:
    offered = error.context["expected"]
    message = f"'{error.param}' is {offered}, not '{str(error.given)[:40]}'."
    return HinodeError(ErrorCode.UNSUPPORTED_VALUE, message, param=error.param)


def _required(error: FieldError) -> HinodeError:
    return HinodeError(ErrorCode.MISSING_VALUE, f"'{error.param}' is required.", param=error.param)


def _one_picture(error: FieldError) -> HinodeError:
    given = error.context["actual_length"]
    return HinodeError(
        ErrorCode.INVALID_VALUE,
        f"'{error.param}' takes one image, the first frame, not {given}.",
        param=error.param,
    )


_PHRASES = {"missing": _required, "literal_error": _not_offered, "too_long": _one_picture}


class TaskRef(TaskSchema):
    """A reference to a task."""

    taskId: str


class TaskCreated(TaskSchema):
    """The answer to a create."""

    code: Literal[200]
    msg: Literal["success"]
    data: TaskRef


class RemovedRef(TaskRef):
    """A reference to a task that was canceled or deleted."""

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
    """A task that is queued or being rendered."""

    status: Literal["pending", "processing"]
    progress: int | None = Field(description="Percent; null until it is known.")


class Metadata(TaskSchema):
    """Facts about the finished video."""

    duration: int
    prompt: str


class Output(TaskSchema):
    """Links that work for 24 hours without a key; none once the files were deleted."""

    urls: list[str]
    metadata: Metadata


class CompletedTask(_Head):
    """A finished task."""

    status: Literal["completed"]
    completed_at: int
    output: Output


class TaskFailure(TaskSchema):
    """The reason of a failure: `upstream_error`, `internal_error` or `canceled`."""

    code: str
    message: str


class FailedTask(_Head):
    """A failed or canceled task; it cost nothing."""

    status: Literal["failed"]
    error: TaskFailure


class TaskAnswer(RootModel[UnfinishedTask | CompletedTask | FailedTask]):
    """A task in any state; callbacks send the same."""


class TaskPageObject(TaskSchema):
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
    """The secret that callbacks are signed with."""

    secret: str = Field(examples=["whsec_…"])


class RotatedSecret(CallbackSecret):
    """A callback secret just made."""

    old_secret_until: int = Field(description="Until then the secret before it signs too.")


class CallbackTry(TaskSchema):
    """One attempt: a status, or an error when there was no answer."""

    at: int
    status: int | None
    error: str | None
    latency_ms: int
    answer: str = Field(description="The beginning of what came back.")


class SentCallback(TaskSchema):
    """A callback with its newest delivery and the last attempt of that."""

    id: str = Field(description="The `webhook-id` of every attempt.", examples=["evt_…"])
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
