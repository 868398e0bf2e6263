"""What a client wants published."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.api.sora.drafts.ids import require_generation_id
from hinode.api.values import Fields, missing, text, wrong_type
from hinode.core.drafts.types import Place
from hinode.core.errors import ErrorCode, HinodeError

_ATTACHMENTS = "attachments_to_create"
_KIND = "sora"
_HINT = "Send the 'generation_id' of a finished video of yours in it."


@dataclass(frozen=True, slots=True)
class PublishParams:
    """Which video, and what is said of it."""

    place: Place
    text: str


def read_publish_params(fields: Fields) -> PublishParams:
    """Read the body of a publish. Raises :class:`HinodeError` and ``RequestError``."""
    return PublishParams(_place(_attachment(fields)), text(fields, "post_text") or "")


def _attachment(fields: Fields) -> Fields:
    attachments = fields.get(_ATTACHMENTS)
    if attachments is None:
        raise missing(_ATTACHMENTS, _HINT)
    if not isinstance(attachments, list):
        raise wrong_type(_ATTACHMENTS, "an array", attachments)
    if len(attachments) != 1:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"A post has one attachment, not {len(attachments)}.",
            param=_ATTACHMENTS,
        )
    if not isinstance(attachments[0], dict):
        raise wrong_type(f"{_ATTACHMENTS}[0]", "an object", attachments[0])
    return attachments[0]


def _place(attachment: Fields) -> Place:
    kind = text(attachment, "kind") or _KIND
    if kind != _KIND:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE, f"The 'kind' of an attachment is '{_KIND}'.", param="kind"
        )
    generation = text(attachment, "generation_id")
    if generation is None:
        raise missing("generation_id", _HINT)
    return require_generation_id(generation)
