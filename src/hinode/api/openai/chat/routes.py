"""The route of chat completions: images and videos for chat clients."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.context import ApiContext
from hinode.api.input_loader import InputLoader
from hinode.api.job_route import tell_route
from hinode.api.json_text import json_response
from hinode.api.openai.chat import schemas, serializers
from hinode.api.openai.chat.app_tasks import AppTask, answer_task
from hinode.api.openai.chat.handlers import Assignment, ChatCreator, in_messages
from hinode.api.openai.chat.request import CreateCompletion
from hinode.api.openai.chat.serializers import Answer, Head
from hinode.api.openai.chat.stream import ChatStream, whole_stream
from hinode.api.openai.events import event_stream_response
from hinode.api.openai.fields import read_create_fields
from hinode.api.openai.job_failures import failed_answer
from hinode.api.openai.openapi_docs import DOCS
from hinode.api.openai.waiting import JobWaiting
from hinode.api.parsing import parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import IDEMPOTENCY_KEY, any_body
from hinode.api.unread_fields import is_strict, report_unread, tell_ignored
from hinode.api.video_images import IMAGE_FIELDS
from hinode.core.auth.types import Caller, Scope
from hinode.core.characters.types import Character
from hinode.core.jobs.types import Job, JobState
from hinode.kit.ids import new_id
from hinode.kit.spool import Spooled
from hinode.media.types import ArtifactRole

_DOCS = DOCS.of("chat")
_IMAGE_PARAMS = {**IMAGE_FIELDS, ArtifactRole.UPLOAD: "messages"}


@dataclass(frozen=True, slots=True)
class _Delivery:
    """The format of a response, and the request fields that it repeats."""

    stream: bool
    usage: bool
    model: str
    prompt: str


@dataclass(slots=True)
class ChatRoutes:
    """The handler of chat completions."""

    context: ApiContext
    auth: Authenticator = field(init=False)
    creator: ChatCreator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.CHAT)
        self.creator = ChatCreator(self.context.core.jobs, self.context.core.characters)

    async def create(self, request: Request) -> Response:
        """Create a chat completion that renders images or a video.

        The last user message is the prompt, and the model decides between images and videos. With
        `stream`, progress arrives as `reasoning_content`; without it, the response is sent when the
        job has ended. The job continues if the client disconnects; a request with the same
        `Idempotency-Key` returns its result.
        """
        delivery, made, caller = await self._make(request)
        if isinstance(made, AppTask):
            return await self._answer_app(made, delivery, caller)
        if isinstance(made, Character):
            return self._introduce(made, delivery)
        head = serializers.head(
            made.id, int(made.created_at.timestamp()), delivery.model, delivery.prompt
        )
        waiting = JobWaiting(self.context, caller, made)
        answer = partial(self._answer, request)
        if delivery.stream:
            stream = ChatStream(head, waiting, answer, delivery.usage)
            return event_stream_response(stream.events())
        return await self._finished(request, head, waiting)

    async def _make(self, request: Request) -> tuple[_Delivery, Job | Character | AppTask, Caller]:
        """Create what the request asks for, nothing for one that an app made by itself."""
        # Authenticated before the body is read: only callers may send megabytes.
        caller = await self.auth.caller(request)
        fields = await read_create_fields(request, self.context.upload_limit)
        chat = report_unread(request, caller, parse(CreateCompletion, fields))
        if chat.messages.task and self.context.answer_app_tasks:
            return _delivery(chat), chat.messages.task, caller
        await self.context.check_store()
        assignment = replace(self.creator.assign(chat), strict=is_strict(request, caller))
        key = request.headers.get("idempotency-key")
        loader = InputLoader(self.context, request, caller)
        made = await self._render(loader, assignment, key)
        if isinstance(made, Job):
            tell_ignored(request, made.options.ignored)
        return _delivery(chat), made, caller

    async def _render(
        self, loader: InputLoader, assignment: Assignment, key: str | None
    ) -> Job | Character:
        caller, turn = loader.caller, assignment.chat.messages
        roles = [role for role, _ in assignment.chat.all_images()]
        named = [image for _, image in assignment.chat.all_images()]
        named += [turn.clip] if turn.clip else []
        if named and not assignment.only_character:
            # Validated before any image is fetched or decoded.
            earlier = await self.context.call(self.creator.check, caller, assignment, key)
            if earlier is not None:
                return earlier
        loaded = await loader.load(named)
        character = None
        if turn.clip:
            character = await self._character(loader, assignment, loaded.pop())
            if assignment.only_character:
                return character
        params = [_IMAGE_PARAMS[role] for role in roles]
        async with loader.decoded(loaded, params) as images:
            return await self.context.create(
                self.creator.create, caller, assignment, images, character, key
            )

    async def _character(
        self, loader: InputLoader, assignment: Assignment, clip: Spooled
    ) -> Character:
        with in_messages():
            async with loader.portrait_of_clip(clip) as portrait:
                return await self.context.call(
                    self.creator.make_character, loader.caller, assignment, portrait
                )

    async def _finished(self, request: Request, head: Head, waiting: JobWaiting) -> Response:
        job = await waiting.until_ended(request)
        tell_route(request, job)
        if job.state is not JobState.COMPLETED:
            return failed_answer(job)
        return json_response(serializers.completion(head, self._answer(request, job)))

    def _answer(self, request: Request, job: Job) -> Answer:
        link = self.context.links.output_url
        return serializers.of_job(
            job, [link(request, job, output) for output in range(job.plan.outputs)]
        )

    async def _answer_app(self, task: AppTask, delivery: _Delivery, caller: Caller) -> Response:
        text = await answer_task(task, self.context.text_model_for(caller))
        answer = serializers.Answer([text], None)
        return self._at_once(delivery, answer, new_id(), self.context.core.jobs.clock.now())

    def _introduce(self, made: Character, delivery: _Delivery) -> Response:
        answer = serializers.of_character(made)
        return self._at_once(delivery, answer, made.id, made.created_at)

    def _at_once(
        self, delivery: _Delivery, answer: Answer, answer_id: UUID, created_at: datetime
    ) -> Response:
        created = int(created_at.timestamp())
        head = serializers.head(answer_id, created, delivery.model, delivery.prompt)
        if delivery.stream:
            return event_stream_response(whole_stream(head, answer, usage=delivery.usage))
        return json_response(serializers.completion(head, answer))


def _delivery(chat: CreateCompletion) -> _Delivery:
    return _Delivery(
        chat.stream,
        chat.stream_options.include_usage,
        chat.model,
        chat.messages.text,
    )


def add_chat(table: RouteTable, context: ApiContext) -> None:
    """Add the route of chat completions."""
    table.add(
        _DOCS,
        "POST",
        "/v1/chat/completions",
        ChatRoutes(context).create,
        "createChatCompletion",
        schemas.Completion,
        *(400, 404, 409, 413, 415, 429),
        body=any_body(CreateCompletion),
        parameters=[IDEMPOTENCY_KEY],
    )
