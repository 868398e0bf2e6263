"""Chat completions: choose the kind of job, validate the message, create the job."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hinode.api.openai.chat.prompt import (
    Directions,
    read_image_prompt,
    read_video_prompt,
    whole_seconds,
)
from hinode.api.openai.chat.request import CreateCompletion
from hinode.api.openai.images.requests import MOST_PICTURES
from hinode.api.video_images import IMAGE_FIELDS, with_images
from hinode.core.assets.input_images import InputImage
from hinode.core.auth.types import Caller
from hinode.core.catalog.params import GenerationParams
from hinode.core.catalog.types import Model
from hinode.core.characters.service import CharacterService
from hinode.core.characters.types import Character
from hinode.core.characters.validation import check_name
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import ImageRequest, JobSource, VideoRequest
from hinode.core.jobs.service import JobService
from hinode.core.jobs.types import Job
from hinode.core.text_checks import check_prompt
from hinode.media.types import JobAction, MediaKind

_STUDIO_FIELDS = frozenset({"prompt", "input_reference", "image", "video", "id", "name"})
_NAME_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class Assignment:
    """A request that passed all checks that need none of its files.

    If it is ``strict``, parameters that its engine does not take are refused.
    """

    chat: CreateCompletion
    kind: MediaKind
    params: GenerationParams
    directions: Directions
    strict: bool = False

    @property
    def only_character(self) -> bool:
        """Return whether the message has a clip and no text: then nothing is rendered."""
        return self.chat.messages.clip is not None and not self.chat.messages.text


@dataclass(frozen=True, slots=True)
class ChatCreator:
    """Creates the jobs and characters of chat completions.

    All methods raise :class:`HinodeError`; errors about the message have ``messages`` as ``param``.
    """

    jobs: JobService
    characters: CharacterService

    def assign(self, chat: CreateCompletion) -> Assignment:
        """Parse the message for the kind of its model, and check it before files are fetched."""
        model = self.jobs.catalog.get(chat.model)
        with in_messages():
            if chat.messages.clip_name is not None:
                check_name(chat.messages.clip_name)
            if model.kind is MediaKind.IMAGE:
                directions = _with_fields(chat, read_image_prompt(chat.messages.text))
                _check_image(chat, model)
                made = Assignment(chat, model.kind, chat.params(), directions)
            else:
                directions = _with_fields(chat, read_video_prompt(chat.messages.text))
                params = _with_length_of_shots(chat.params(), directions, model)
                made = Assignment(chat, model.kind, params, directions)
                _check_video(made)
            if not made.only_character:
                check_prompt(directions.prompt)
        if directions.remix is None:
            self.jobs.catalog.resolve(made.params, made.kind)
        return made

    def check(self, caller: Caller, assignment: Assignment, key: str | None) -> Job | None:
        """Raise what :meth:`create` would raise now; return the job of the idempotency key."""
        with in_messages():
            wanted = _request(assignment, key)
            if isinstance(wanted, ImageRequest):
                has_pictures = bool(assignment.chat.messages.pictures)
                return self.jobs.check_image(caller, wanted, from_pictures=has_pictures)
            roles = frozenset(role for role, _ in assignment.chat.all_images())
            return self.jobs.check_video(caller, wanted, roles)

    def make_character(self, caller: Caller, assignment: Assignment, portrait: Path) -> Character:
        """Create a character from a clip; without a name it gets a random one."""
        with in_messages():
            name = assignment.chat.messages.clip_name or _new_name()
            return self.characters.create(caller, name, portrait)

    def create(
        self,
        caller: Caller,
        assignment: Assignment,
        pictures: Sequence[InputImage],
        character: Character | None,
        key: str | None,
    ) -> Job:
        """Create the job; ``key`` is the idempotency key."""
        with in_messages():
            wanted = _request(assignment, key)
            if isinstance(wanted, ImageRequest):
                return self.jobs.create_image(caller, replace(wanted, references=tuple(pictures)))
            roles = [role for role, _ in assignment.chat.all_images()]
            wanted = with_images(wanted, list(zip(roles, pictures, strict=True)))
            if character is not None:
                wanted = replace(wanted, characters=(character.id,))
            return self.jobs.create_video(caller, wanted)


def _with_fields(chat: CreateCompletion, directions: Directions) -> Directions:
    """Return the directives with the fields of the request that mean the same."""
    for name, field, directive in (
        ("style", chat.style, directions.style),
        ("remix_id", chat.remix_id, directions.remix),
    ):
        if None not in (field, directive) and field != directive:
            message = f"'{name}' and the directive in 'messages' differ."
            hint = "Send one of them."
            raise HinodeError(ErrorCode.INVALID_VALUE, message, param=name, hint=hint)
    return replace(
        directions,
        style=chat.style or directions.style,
        remix=chat.remix_id or directions.remix,
    )


def _request(assignment: Assignment, key: str | None) -> ImageRequest | VideoRequest:
    """Return the job to make, less its pictures and its character."""
    directions, idempotency_key = assignment.directions, assignment.chat.idempotency(key)
    if assignment.kind is MediaKind.IMAGE:
        return ImageRequest(
            directions.prompt,
            assignment.params,
            style=directions.style,
            idempotency=idempotency_key,
            priority=assignment.chat.priority,
            strict=assignment.strict,
        )
    return VideoRequest(
        directions.prompt,
        assignment.params,
        idempotency=idempotency_key,
        source=JobSource(JobAction.REMIX, directions.remix) if directions.remix else None,
        style=directions.style,
        shots=directions.shots,
        priority=assignment.chat.priority,
        strict=assignment.strict,
    )


def _with_length_of_shots(
    params: GenerationParams, directions: Directions, model: Model
) -> GenerationParams:
    """Use the total length of the shots as the duration if none is given and the model has it."""
    seconds = whole_seconds(directions.shots)
    if params.has_duration or seconds not in model.seconds:
        return params
    return replace(params, seconds=str(seconds))


def _check_video(assignment: Assignment) -> None:
    turn, directions = assignment.chat.messages, assignment.directions
    if len(turn.pictures) > 1:
        raise _refused(f"A video starts from one image, not {len(turn.pictures)}.")
    if assignment.chat.all_images() and assignment.only_character:
        raise _refused("A character is made from a clip only; add a text to render the image.")
    if directions.remix and (turn.pictures or directions.shots):
        raise _refused("A remix takes a text only, neither images nor shots.")


def _check_image(chat: CreateCompletion, model: Model) -> None:
    if chat.images():
        field = IMAGE_FIELDS[chat.images()[0][0]]
        message = f"The model '{model.id}' makes images; '{field}' is for videos."
        hint = "Send the images in the message, or use a video model."
        raise HinodeError(ErrorCode.UNSUPPORTED_VALUE, message, param=field, hint=hint)
    if chat.messages.clip is not None:
        raise _refused(f"Characters appear in videos; the model '{model.id}' makes images.")
    if len(chat.messages.pictures) > MOST_PICTURES:
        raise _refused(f"At most {MOST_PICTURES} images, not {len(chat.messages.pictures)}.")


def _refused(message: str) -> HinodeError:
    return HinodeError(ErrorCode.UNSUPPORTED_VALUE, message, param="messages")


def _new_name() -> str:
    return "character_" + "".join(secrets.choice(_NAME_ALPHABET) for _ in range(6))


@contextmanager
def in_messages() -> Iterator[None]:
    """Set the ``param`` of errors about core fields to ``messages``, the client's field."""
    try:
        yield
    except HinodeError as error:
        if error.param not in _STUDIO_FIELDS:
            raise
        raise HinodeError(error.code, error.message, param="messages", hint=error.hint) from error
