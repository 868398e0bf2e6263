"""Reading the fields of ``POST /v1/videos``, whichever content type they came in."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from uuid import UUID

from hinode.api.json_text import dump
from hinode.api.openai.characters import read_characters
from hinode.api.openai.image_inputs import Reference, mark_of, read_reference
from hinode.api.values import Fields, boolean, integer, missing, number_text, text
from hinode.core.catalog.service import GenerationParams


@dataclass(frozen=True, slots=True)
class Creation:
    """A request for a video, its picture not fetched yet."""

    prompt: str
    wish: GenerationParams
    reference: Reference | None
    characters: tuple[UUID, ...] = ()

    def fingerprint(self) -> str:
        """Return a SHA-256 that requests share only when they ask for the same thing.

        A picture counts by its bytes, a URL by its spelling; ``4`` and ``"4"`` are the same.
        """
        canonical = [
            "videos.create",
            self.prompt,
            *astuple(self.wish),
            mark_of(self.reference),
            [one.hex for one in self.characters],
        ]
        return hashlib.sha256(dump(canonical)).hexdigest()


def read_creation(fields: Fields) -> Creation:
    """Check the types of the fields we know; fields we do not know are let pass.

    Raises :class:`hinode.api.request_errors.RequestError` and
    :class:`hinode.core.errors.HinodeError`.
    """
    return Creation(
        read_prompt(fields), read_wish(fields), read_reference(fields), read_characters(fields)
    )


def read_prompt(fields: Fields) -> str:
    """Read the prompt, which every request has. Raises like :func:`read_creation`."""
    prompt = text(fields, "prompt")
    if prompt is None:
        raise missing("prompt", "Say in a sentence what the video shows.")
    return prompt


def read_wish(fields: Fields) -> GenerationParams:
    """Read what is asked of the model. Raises like :func:`read_creation`."""
    outputs = integer(fields, "n")
    return GenerationParams(
        model=text(fields, "model"),
        size=text(fields, "size"),
        seconds=number_text(fields, "seconds"),
        outputs=1 if outputs is None else outputs,
        seed=integer(fields, "seed"),
        watermark=boolean(fields, "watermark") or False,
        duration=number_text(fields, "duration"),
        hd=boolean(fields, "hd"),
    )
