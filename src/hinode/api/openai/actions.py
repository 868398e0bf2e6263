"""Reading the requests that start from another video: remix, edit and extension."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass

from hinode.api.json_text import dump
from hinode.api.openai.video_requests import read_prompt, read_wish
from hinode.api.values import Fields, Upload, Value, missing, wrong_type
from hinode.core.catalog.params import GenerationParams
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import IdempotencyKey, JobSource, UploadSource, VideoRequest
from hinode.kit.ids import from_video_id
from hinode.media.types import JobAction

SOURCE = "video"
_EXPECTED = "a file, or an object with 'id'"


@dataclass(frozen=True, slots=True)
class Action:
    """A request for a video that starts from another one; ``param`` is where that was named."""

    prompt: str
    wish: GenerationParams
    start: JobSource | UploadSource
    param: str

    def request(self, key: str | None) -> VideoRequest:
        """Return what the studio is asked; ``key`` is the idempotency key."""
        promise = None if key is None else IdempotencyKey(key, self._fingerprint())
        return VideoRequest(self.prompt, self.wish, source=self.start, idempotency=promise)

    def _fingerprint(self) -> str:
        match self.start:
            case JobSource(action, job_id):
                source = job_id.hex
            case UploadSource(action, clip):
                source = hashlib.sha256(clip).hexdigest()
        canonical = [f"videos.{action}", source, self.prompt, *astuple(self.wish)]
        return hashlib.sha256(dump(canonical)).hexdigest()


def read_remix(fields: Fields, video_id: str) -> Action:
    """Read a remix of the video in the path.

    Raises :class:`hinode.api.request_errors.RequestError` and :class:`HinodeError`, as all readers
    here.
    """
    start = _start_of(JobAction.REMIX, video_id, "id")
    return Action(read_prompt(fields), read_wish(fields), start, "id")


def read_edit(fields: Fields) -> Action:
    """Read an edit of a video that is named, or comes along."""
    return _with_source(fields, JobAction.EDIT)


def read_extension(fields: Fields) -> Action:
    """Read an extension; ``seconds`` is the length of the new part."""
    action = _with_source(fields, JobAction.EXTENSION)
    if not action.wish.has_duration:
        raise missing("seconds", "Say how many seconds are added, such as '8'.")
    return action


def _with_source(fields: Fields, action: JobAction) -> Action:
    prompt, wish = read_prompt(fields), read_wish(fields)
    start = _read_source(fields.get(SOURCE), action)
    if isinstance(start, UploadSource) and wish.model is None:
        raise missing("model", "An uploaded video has no model of its own: name one.")
    return Action(prompt, wish, start, SOURCE)


def _read_source(value: Value, action: JobAction) -> JobSource | UploadSource:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    match value:
        case None | "":
            raise missing(SOURCE, "Send a file, or the 'id' of a video in an object.")
        case Upload(data):
            return UploadSource(action, data)
        case {"id": str() as video_id}:
            return _start_of(action, video_id, SOURCE)
        case {"id": other}:
            raise wrong_type(f"{SOURCE}.id", "a string", other)
        case str() as video_id:
            return _start_of(action, video_id, SOURCE)
        case dict():
            raise missing(f"{SOURCE}.id", "It is the id of one of your videos.")
    raise wrong_type(SOURCE, _EXPECTED, value)


def _start_of(action: JobAction, video_id: str, param: str) -> JobSource:
    job_id = from_video_id(video_id)
    if job_id is None:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND, "There is no such job in this account.", param=param
        )
    return JobSource(action, job_id)
