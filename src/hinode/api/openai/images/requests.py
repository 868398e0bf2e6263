"""Reading the fields of the image routes, whichever content type they came in."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from enum import StrEnum

from hinode.api.json_text import dump
from hinode.api.openai.image_inputs import Reference, mark_of, read_pictures
from hinode.api.openai.images.options import Delivery, Look, read_delivery, read_look
from hinode.api.values import Fields, boolean, integer, text
from hinode.core.catalog.params import GenerationParams
from hinode.core.errors import ErrorCode, HinodeError

MOST_PICTURES = 16
VARIATION_PROMPT = "a variation"
_AUTO = "auto"


class ImageVerb(StrEnum):
    """What is asked for."""

    GENERATION = "image_generation"
    EDIT = "image_edit"
    VARIATION = "image_variation"

    @property
    def events(self) -> str:
        """How the names of a stream's events begin; the SDK knows none of variations."""
        return ImageVerb.EDIT.value if self is ImageVerb.VARIATION else self.value


@dataclass(frozen=True, slots=True)
class ImageCreation:
    """A request for pictures; those that it starts from are not fetched yet."""

    verb: ImageVerb
    prompt: str
    wish: GenerationParams
    look: Look
    delivery: Delivery
    pictures: tuple[Reference, ...] = ()
    mask: Reference | None = None

    def fingerprint(self) -> str:
        """Return a SHA-256 that requests share only when they ask for the same pictures.

        How the answer is handed over does not count: a client may come back for links.
        """
        canonical = [
            self.verb,
            self.prompt,
            *astuple(self.wish),
            *astuple(self.look),
            [mark_of(one) for one in self.pictures],
            mark_of(self.mask),
        ]
        return hashlib.sha256(dump(canonical)).hexdigest()


def read_generation(fields: Fields) -> ImageCreation:
    """Read a request for new pictures; fields we do not know are let pass.

    Raises :class:`hinode.api.request_errors.RequestError` and :class:`HinodeError`.
    """
    look, delivery = read_look(fields), read_delivery(fields)
    prompt = _prompt(fields)
    return ImageCreation(ImageVerb.GENERATION, prompt, _wish(fields), look, delivery)


def read_edit(fields: Fields) -> ImageCreation:
    """Read a request to change pictures. Raises like :func:`read_generation`."""
    look, delivery = read_look(fields), read_delivery(fields)
    prompt, wish = _prompt(fields), _wish(fields)
    pictures = _pictures(fields, MOST_PICTURES)
    mask = read_pictures(fields.get("mask"), "mask")
    if len(mask) > 1:
        raise _too_many("mask", 1, len(mask))
    return ImageCreation(
        ImageVerb.EDIT, prompt, wish, look, delivery, pictures, mask[0] if mask else None
    )


def read_variation(fields: Fields) -> ImageCreation:
    """Read a request for a picture like another one. Raises like :func:`read_generation`."""
    look, delivery = read_look(fields), read_delivery(fields)
    prompt = text(fields, "prompt") or VARIATION_PROMPT
    pictures = _pictures(fields, 1)
    return ImageCreation(ImageVerb.VARIATION, prompt, _wish(fields), look, delivery, pictures)


def _wish(fields: Fields) -> GenerationParams:
    outputs = integer(fields, "n")
    size = text(fields, "size")
    return GenerationParams(
        model=text(fields, "model"),
        size=None if size == _AUTO else size,
        outputs=1 if outputs is None else outputs,
        seed=integer(fields, "seed"),
        watermark=boolean(fields, "watermark") or False,
    )


def _prompt(fields: Fields) -> str:
    prompt = text(fields, "prompt")
    if prompt is None:
        raise _missing("prompt", "Say in a sentence what the picture shows.")
    return prompt


def _pictures(fields: Fields, most: int) -> tuple[Reference, ...]:
    """Read ``image`` as forms have it and ``images`` as JSON has it."""
    found = [
        *read_pictures(fields.get("image"), "image"),
        *read_pictures(fields.get("images"), "images"),
    ]
    if not found:
        raise _missing("image", "Send a file, or 'images' with 'image_url' or 'file_id'.")
    if len(found) > most:
        raise _too_many("image", most, len(found))
    return tuple(found)


def _missing(name: str, hint: str) -> HinodeError:
    return HinodeError(
        ErrorCode.MISSING_VALUE, f"Missing required parameter: '{name}'.", param=name, hint=hint
    )


def _too_many(name: str, most: int, given: int) -> HinodeError:
    word = "picture" if most == 1 else "pictures"
    return HinodeError(
        ErrorCode.UNSUPPORTED_VALUE,
        f"'{name}' takes at most {most} {word} here, not {given}.",
        param=name,
    )
