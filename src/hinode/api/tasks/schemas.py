"""Schemas of the tasks dialect: request schemas parse, response schemas document.

A test validates responses by their schemas.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import astuple
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, RootModel
from pydantic_core import PydanticCustomError

from hinode.api.cursor_pages import CursorPage, CursorQuery, parse_uuid
from hinode.api.generation_parameters import StyleField, VideoImageFields, VideoParameterFields
from hinode.api.given_parameters import NamedParameters, named
from hinode.api.image_inputs import FIRST_FRAME_NAMES, IMAGE_MEMBERS
from hinode.api.json_text import dump
from hinode.api.parsing import (
    Defaulted,
    FieldError,
    Nullable,
    NullableInteger,
    PriorityField,
    RequestSchema,
    Required,
    RequiredInteger,
    parse,
)
from hinode.api.response_schema import ResponseSchema
from hinode.api.shape import ShapeFields
from hinode.api.tasks.serializers import STATUSES
from hinode.api.values import Fields, Value
from hinode.core.catalog.service import GenerationParams
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.job_lists import JobQuery


class TaskSchema(ResponseSchema):
    """Base of the task dialect's response objects."""


class TaskErrorBody(TaskSchema):
    """An error."""

    code: str = Field(description="Stable error code for programs.", examples=["task_not_found"])
    message: str = Field(description="Explanation for people: the broken rule and a remedy.")
    type: str = Field(description="Class of the error.", examples=["invalid_request_error"])


class TaskErrorEnvelope(TaskSchema):
    """The body of every error response."""

    error: TaskErrorBody = Field(description="The error.")


_IMAGE_KEYS = ("url", "image_url", "b64_json")


def _as_list(value: Value) -> Value:
    """Return URLs as a list of strings: clients of other servers send one alone, or in objects."""
    if not value or isinstance(value, int | float):
        return value
    values = value if isinstance(value, list) else [value]
    return [_unwrapped(one) for one in values]


def _unwrapped(value: Value) -> Value:
    """Return the image in an object as OpenAI's dialect has them, else the value."""
    if not isinstance(value, dict):
        return value
    found = next((value[key] for key in _IMAGE_KEYS if value.get(key)), value)
    return found["url"] if isinstance(found, dict) and "url" in found else found


_FIRST_FRAMES = (
    "image_url", "image", "images", "imageUrl", "imageUrls", "input_reference", *FIRST_FRAME_NAMES,
)  # fmt: skip


class TaskInput(VideoParameterFields, VideoImageFields, ShapeFields):
    """Parameters of the video."""

    synonyms: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(_FIRST_FRAMES, "image_urls"),
        **dict.fromkeys(("seconds", "n_seconds", "num_seconds"), "duration"),
        **VideoParameterFields.synonyms,
        **VideoImageFields.synonyms,
    }
    members: ClassVar[Mapping[str, frozenset[str]]] = {
        **VideoImageFields.members,
        "image_urls": IMAGE_MEMBERS,
    }

    prompt: Required[
        Annotated[str, Field(max_length=5_000, json_schema_extra={"minLength": 1})]
    ] = Field(description="Description of the video.")
    duration: RequiredInteger[int] = Field(
        description="Length in seconds; `GET /v1/models` lists the supported lengths.", examples=[8]
    )
    aspect_ratio: Required[Literal["16:9", "9:16"]] = Field(
        description="Aspect ratio; the model's first size of this orientation is rendered."
    )
    image_urls: Annotated[
        Defaulted[Annotated[list[str], Field(max_length=1)]], BeforeValidator(_as_list)
    ] = Field(
        default=[],
        description="URL of the first frame, `https://…`, `http://…` or `data:image/png;base64,…`. "
        "JPEG, PNG, WebP, HEIC or AVIF of at most 10 MB, aspect ratio 2:5 to 5:2, short side at "
        "least 300 pixels.",
    )
    seed: NullableInteger[Annotated[int, Field(ge=0, le=2**32 - 1)]] = Field(
        default=None, description="Extension: seed; by default a random one."
    )
    style: StyleField = Field(default=None, description="Extension: style.")

    def params(self, model: str) -> GenerationParams:
        """Return the generation parameters."""
        return GenerationParams(
            model=model,
            duration=str(self.duration),
            seed=self.seed,
            render=self.render_parameters(),
            **self.shape_params(),
        )

    def named(self) -> tuple[str, ...]:
        """Return the parameters of the plan that are named."""
        return named(seed=self.seed, size=self.shape_params()["size"])


def _empty_is_missing(value: Value) -> Value:
    if not value:
        raise PydanticCustomError("missing", "Field required")
    return value


class CreateTask(RequestSchema):
    """Parameters of a new task."""

    synonyms: ClassVar[Mapping[str, str]] = {
        "callBackUrl": "callback_url",
        "callbackUrl": "callback_url",
    }

    model: Required[str] = Field(description="Id of the video model.", examples=["sora-2"])
    input: Annotated[TaskInput, BeforeValidator(_empty_is_missing)] = Field(
        description="Parameters of the video."
    )
    callback_url: Nullable[str] = Field(
        default=None,
        description="URL that receives the task by POST when it is completed or failed.",
        examples=["https://your-server.com/webhook"],
    )
    priority: Nullable[PriorityField] = Field(
        default=None,
        description="Extension: how soon the queue takes the task, as far as the key may ask for "
        "it; by default `normal`, or the key's highest if that is `low`.",
    )

    @property
    def image_url(self) -> str | None:
        """The URL of the first frame, None without one."""
        return next(iter(self.input.image_urls), None)

    def fingerprint(self) -> str:
        """Return the SHA-256 of the parameters, for the idempotency key."""
        one = self.input
        parsed = (self.model, one.prompt, one.duration, one.aspect_ratio, self.image_url)
        render, shape = astuple(one.render_parameters()), one.shape_params()
        more = (one.seed, one.style, shape, render, one.images_identity())
        identity = ["tasks.create", *parsed, self.callback_url, self.priority, *more]
        return hashlib.sha256(dump(identity)).hexdigest()


def parse_create(fields: Fields) -> CreateTask:
    """Parse a create, with the messages of the API's documentation. Raises as ``parse``."""
    return parse(CreateTask, fields, _PHRASES, prefix="input.")


class ListTasks(CursorQuery):
    """Query of the list of tasks."""

    status: Nullable[Literal["pending", "processing", "completed", "failed"]] = Field(
        default=None, description="Return only tasks in this state."
    )
    model: Nullable[str] = Field(default=None, description="Return only tasks of this model.")

    def job_query(self, model: str | None) -> JobQuery:
        """Return the job query; ``model`` is the id that ``self.model`` resolves to."""
        page = self.page(parse_uuid)
        states = [state for state, name in STATUSES.items() if name == self.status]
        return JobQuery(page.limit, page.after, states, model)


def parse_list(query: Mapping[str, str]) -> ListTasks:
    """Parse the query of the list of tasks. Raises as ``parse``."""
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


_PHRASES = {
    "missing": _required,
    "literal_error": _not_offered,
    "enum": _not_offered,
    "too_long": _one_picture,
}


class TaskRef(TaskSchema):
    """A reference to a task."""

    taskId: str = Field(description="Id of the task (UUID).")


class NewTaskRef(TaskRef):
    """A reference to a new task."""

    ignored: list[str] = Field(
        default=[],
        description="Extension: names of fields of the request that this server does not know and "
        "did not use; only if there are any.",
    )


class TaskCreated(TaskSchema):
    """Confirmation of a create."""

    code: Literal[200] = Field(description="Always 200.")
    msg: Literal["success"] = Field(description="Always `success`.")
    data: NewTaskRef = Field(description="The created task.")


class RemovedRef(TaskRef):
    """A reference to a canceled or deleted task."""

    status: Literal["canceled", "deleted"] = Field(description="The action that was taken.")


class TaskRemoved(TaskSchema):
    """Confirmation of a cancelation or deletion."""

    code: Literal[200] = Field(description="Always 200.")
    msg: Literal["success"] = Field(description="Always `success`.")
    data: RemovedRef = Field(description="The task and the action.")


class _Head(TaskSchema):
    id: str = Field(description="Id of the task (UUID).")
    model: str = Field(description="Id of the model.")
    created_at: int = Field(description="Time of creation in Unix seconds.")
    priority: Literal["low", "high"] | None = Field(
        default=None, description="Extension: the priority; absent if `normal`."
    )
    parameters: NamedParameters | None = Field(
        default=None,
        description="Extension: the generation parameters of the task; absent if none was given.",
    )


class UnfinishedTask(_Head):
    """A queued or running task."""

    status: Literal["pending", "processing"] = Field(description="State of the task.")
    progress: int | None = Field(description="Progress in percent; null before the first report.")


class Metadata(TaskSchema):
    """Metadata of a completed video."""

    duration: int = Field(description="Length in seconds.")
    prompt: str = Field(description="The prompt.")


class Output(TaskSchema):
    """The result of a completed task."""

    urls: list[str] = Field(
        description="Signed URLs of the videos, valid for 24 hours without an API key; empty once "
        "the files are deleted."
    )
    metadata: Metadata = Field(description="Metadata of the video.")


class CompletedTask(_Head):
    """A completed task."""

    status: Literal["completed"] = Field(description="Always `completed`.")
    completed_at: int = Field(description="Time of completion in Unix seconds.")
    output: Output = Field(description="The result.")


class TaskFailure(TaskSchema):
    """The reason why a task failed."""

    code: str = Field(description="`upstream_error`, `internal_error` or `canceled`.")
    message: str = Field(description="Explanation for people.")


class FailedTask(_Head):
    """A failed or canceled task; its credits are refunded."""

    status: Literal["failed"] = Field(description="Always `failed`.")
    error: TaskFailure = Field(description="Reason of the failure.")


class TaskAnswer(RootModel[UnfinishedTask | CompletedTask | FailedTask]):
    """A task in any state; callbacks have the same body."""


class TaskPageObject(CursorPage[TaskAnswer]):
    """A page of tasks, newest first."""


class Credits(TaskSchema):
    """An account's credits."""

    balance: int | None = Field(description="Credits left; null if unlimited.")
    held: int = Field(description="Credits held for unfinished tasks.")
    spent: int = Field(description="Credits charged so far.")
    unlimited: bool = Field(description="True if credits are unlimited.")


class CallbackSecret(TaskSchema):
    """The signing secret of callbacks."""

    secret: str = Field(
        description="Signing secret by the Standard Webhooks specification.", examples=["whsec_…"]
    )


class RotatedSecret(CallbackSecret):
    """A new signing secret of callbacks."""

    old_secret_until: int = Field(
        description="Time until which the previous secret also signs, in Unix seconds."
    )


class CallbackTry(TaskSchema):
    """An attempt to send a callback."""

    at: int = Field(description="Time of the attempt in Unix seconds.")
    status: int | None = Field(description="HTTP status of the response; null without one.")
    error: str | None = Field(description="Reason of a failure; null if it succeeded.")
    latency_ms: int = Field(description="Duration of the attempt in milliseconds.")
    answer: str = Field(description="Start of the response body.")


class SentCallback(TaskSchema):
    """A callback: its latest delivery and the last attempt of it."""

    id: str = Field(
        description="Id of the callback, the `webhook-id` of every attempt.", examples=["evt_…"]
    )
    task_id: str = Field(description="Id of the task (UUID).")
    url: str = Field(description="URL that receives the callback.")
    status: Literal["pending", "delivered", "failed"] = Field(description="State of the delivery.")
    tries: int = Field(description="Number of attempts of the delivery.")
    created_at: int = Field(description="Time of creation in Unix seconds.")
    next_try_at: int | None = Field(
        description="Time of the next attempt in Unix seconds; null if there is none."
    )
    last_try: CallbackTry | None = Field(description="The last attempt; null before the first.")


class CallbackPage(CursorPage[SentCallback]):
    """A page of callbacks, newest first."""
