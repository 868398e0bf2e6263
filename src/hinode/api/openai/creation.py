"""Reading the fields of ``POST /v1/videos``, whichever content type they came in."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass

from hinode.api.jsontext import dump
from hinode.api.openai.reference import Reference, mark_of, read_reference
from hinode.api.values import Fields, boolean, integer, number_text, text
from hinode.studio.catalog.service import Wish
from hinode.studio.errors import ErrorCode, StudioError


@dataclass(frozen=True, slots=True)
class Creation:
    """A request for a video, its picture not fetched yet."""

    prompt: str
    wish: Wish
    reference: Reference | None

    def fingerprint(self) -> str:
        """Return a SHA-256 that requests share only when they ask for the same thing.

        A picture counts by its bytes, a URL by its spelling; ``4`` and ``"4"`` are the same.
        """
        canonical = ["videos.create", self.prompt, *astuple(self.wish), mark_of(self.reference)]
        return hashlib.sha256(dump(canonical)).hexdigest()


def read_creation(fields: Fields) -> Creation:
    """Check the types of the fields we know; fields we do not know are let pass.

    Raises :class:`hinode.api.refusals.Refusal` and :class:`StudioError`.
    """
    prompt = text(fields, "prompt")
    if prompt is None:
        raise StudioError(
            ErrorCode.MISSING_VALUE,
            "Missing required parameter: 'prompt'.",
            param="prompt",
            hint="Say in a sentence what the video shows.",
        )
    outputs = integer(fields, "n")
    wish = Wish(
        model=text(fields, "model"),
        size=text(fields, "size"),
        seconds=number_text(fields, "seconds"),
        outputs=1 if outputs is None else outputs,
        seed=integer(fields, "seed"),
        watermark=boolean(fields, "watermark") or False,
        duration=number_text(fields, "duration"),
        hd=boolean(fields, "hd"),
    )
    return Creation(prompt, wish, read_reference(fields))
