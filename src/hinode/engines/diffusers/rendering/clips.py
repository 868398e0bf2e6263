"""The clips that a video is made of: what the model renders for a job, one call after the other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hinode.engines.base import JobAction, RenderSpec


class Start(StrEnum):
    """The picture that a clip starts from.

    ``text``: none. ``picture``: the first frame of the request. ``source``: the first frame of the
    parent's video. ``before``: the last frame of what stands before it in the video; it is rendered
    once more and left out.
    """

    TEXT = "text"
    PICTURE = "picture"
    SOURCE = "source"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Clip:
    """One call of the model: its prompt, the frames that it adds to the video, and its start."""

    prompt: str
    frames: int
    start: Start
    ends_on_picture: bool = False

    @property
    def rendered_frames(self) -> int:
        """The frames to render, with the one that is left out."""
        return self.frames + (self.start is Start.BEFORE)


class NotRenderable(Exception):
    """The model cannot render what is asked for; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def plan_clips(
    spec: RenderSpec, *, from_text: bool, from_picture: bool, last_frame: bool
) -> tuple[Clip, ...]:
    """Return the clips of one output, for a model that takes what is true.

    Raises :class:`NotRenderable`.
    """
    first = _first_start(spec, from_text, from_picture)
    if spec.last_frame is not None and (not last_frame or first is Start.TEXT):
        raise NotRenderable(
            "last_frame_unsupported",
            "This model ends on a picture only if it starts on one and has weights for both.",
        )
    parts = [(spec.prompt, spec.frames - spec.kept_frames)]
    if spec.shots:
        parts = [(f"{spec.prompt}\n{one.prompt}".strip(), one.frames) for one in spec.shots]
    later = Start.TEXT if from_text else Start.BEFORE
    last = len(parts) - 1
    return tuple(
        Clip(
            prompt=prompt_of(spec, text),
            frames=frames,
            start=later if number else first,
            ends_on_picture=spec.last_frame is not None and number == last,
        )
        for number, (text, frames) in enumerate(parts)
    )


def _first_start(spec: RenderSpec, from_text: bool, from_picture: bool) -> Start:
    if spec.action is JobAction.EXTENSION:
        return _picture_start(Start.BEFORE, "extensions", from_picture)
    if spec.action is JobAction.EDIT:
        return _picture_start(Start.SOURCE, "edits", from_picture)
    if spec.action is JobAction.REMIX:
        return Start.SOURCE if from_picture else Start.TEXT
    if spec.first_frame is not None:
        return _picture_start(Start.PICTURE, "videos from a first frame", from_picture)
    if not from_text:
        raise NotRenderable(
            "first_frame_required",
            "The weights of this model render only from a first frame: send one.",
        )
    return Start.TEXT


def _picture_start(start: Start, of_what: str, from_picture: bool) -> Start:
    if not from_picture:
        raise NotRenderable(
            "first_frame_unsupported",
            f"The weights of this model render text only, and so no {of_what}: use another model.",
        )
    return start


def prompt_of(spec: RenderSpec, text: str) -> str:
    """Return a prompt with those of its ancestors, which a change is told against, and the style.

    An extension shows what its source ended on, so its own prompt is enough.
    """
    changes = spec.action in (JobAction.REMIX, JobAction.EDIT)
    lines = [*(spec.prompt_history if changes else ()), text]
    if spec.style is not None:
        lines.append(f"Style: {spec.style.value}.")
    return "\n".join(lines)
