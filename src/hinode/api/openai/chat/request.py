"""Reading the body of a chat completion."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass

from hinode.api.json_text import dump
from hinode.api.openai.chat.conversation import Turn, read_turn
from hinode.api.openai.image_inputs import mark_of
from hinode.api.openai.video_requests import read_wish
from hinode.api.values import Fields, boolean, missing, text, wrong_type
from hinode.core.catalog.params import GenerationParams


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request for a completion, nothing fetched yet; ``model`` is the name that was asked for.

    ``usage`` asks for a last chunk of a stream that counts tokens.
    """

    model: str
    wish: GenerationParams
    turn: Turn
    stream: bool
    usage: bool

    def fingerprint(self) -> str:
        """Return a SHA-256 that requests share only when they ask for the same thing.

        How the answer is sent does not count.
        """
        turn = self.turn
        marks = [mark_of(one) for one in (*turn.pictures, turn.clip)]
        said = ["chat.completions", turn.text, turn.clip_name, marks, *astuple(self.wish)]
        return hashlib.sha256(dump(said)).hexdigest()


def read_chat(fields: Fields) -> ChatRequest:
    """Check the types of the fields we know; fields we do not know are let pass.

    Raises :class:`hinode.api.request_errors.RequestError` and
    :class:`hinode.core.errors.HinodeError`.
    """
    model = text(fields, "model")
    if model is None:
        raise missing("model", "`sora_video2` makes videos, `sora_image` pictures.")
    return ChatRequest(
        model=model,
        wish=read_wish(fields),
        turn=read_turn(fields),
        stream=boolean(fields, "stream") or False,
        usage=_wants_usage(fields),
    )


def _wants_usage(fields: Fields) -> bool:
    options = fields.get("stream_options")
    if options is None or options == "":
        return False
    if not isinstance(options, dict):
        raise wrong_type("stream_options", "an object", options)
    return boolean(options, "include_usage") or False
