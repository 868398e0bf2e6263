"""The schemas of requests that make images: they parse, and the OpenAPI document shows them.

Names, values and ranges are those of the official SDK's ``ImageGenerateParams``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import astuple
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from hinode.api.image_inputs import (
    ImageInput,
    ImageInputList,
    ImageInputs,
    at_most,
    image_identity,
    too_many_images,
)
from hinode.api.openai.video_requests import Outputs, Prompt, Seed, idempotency
from hinode.api.parsing import Flag, Integer, LenientRequestSchema, Remedy, WrongAs
from hinode.api.values import missing
from hinode.core.catalog.params import GenerationParams
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import ImageRequest
from hinode.media.types import OutputFormat, Style

MOST_PICTURES = 16
VARIATION_PROMPT = "a variation"
_AUTO = "auto"
_LOSSLESS = 100
_WRONG = WrongAs(ErrorCode.UNSUPPORTED_VALUE)
# OpenAI's own names answer with the images themselves, all others with links.
_INLINE_MODELS = re.compile(r"(gpt-image-\d|chatgpt-image)")
# OpenAI's two styles are accepted and change nothing.
_STYLES: Mapping[str, Style] = {one.value: one for one in Style}

StyleName = Literal[
    "vivid", "natural", "festive", "kakalaka", "news", "selfie", "handheld", "golden", "anime",
    "retro", "nostalgic", "comic",
]  # fmt: skip


class ImageOptions(LenientRequestSchema):
    """The options of all image routes. Fields that are not listed are accepted and ignored."""

    event_prefix: ClassVar[str]
    operation: ClassVar[str]

    model: str | None = Field(default=None, examples=["sora_image", "gpt-image-1"])
    n: Outputs = Field(default=1, description="How many images.")
    size: str = Field(
        default=_AUTO,
        examples=["1024x1024"],
        description="`auto` or `WIDTHxHEIGHT`, taken by its shape: 1:1, 3:2 or 2:3.",
    )
    quality: Literal["auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"] = Field(
        default="auto", description="Accepted; there is one quality."
    )
    response_format: Literal["url", "b64_json"] | None = Field(
        default=None,
        description="Links good for a day, or the images themselves. `b64_json` is the default "
        "for `gpt-image-1` and OpenAI's other names, `url` for all others.",
    )
    output_format: Literal["png", "jpeg", "webp"] = "png"
    output_compression: Annotated[Integer[Annotated[int, Field(ge=0, le=100)]], _WRONG] = Field(
        default=_LOSSLESS, description="Quality of JPEG and WebP; 100 for PNG."
    )
    background: Literal["auto", "opaque"] = Field(
        default="auto", description="No model here draws a transparent one."
    )
    moderation: Literal["auto", "low"] = Field(default="auto", description="Accepted.")
    input_fidelity: Literal["low", "high"] | None = Field(default=None, description="Accepted.")
    style: StyleName | None = Field(
        default=None, description="Ours: one of ten styles; `vivid` and `natural` change nothing."
    )
    stream: Flag = Field(
        default=False, description="Answer as server-sent events, with the images in base64."
    )
    partial_images: Annotated[Integer[Annotated[int, Field(ge=0, le=3)]], _WRONG] = Field(
        default=0, description="Unfinished states that a stream shows."
    )
    seed: Seed | None = Field(default=None, description="Ours: repeatability.")
    watermark: Flag = Field(default=False, description="Ours: draw a visible mark.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.output_format == "png" and self.output_compression != _LOSSLESS:
            raise _unsupported(
                "output_compression",
                "PNG is not compressed with loss, so 'output_compression' is 100 for it.",
                hint="Ask for the 'output_format' 'jpeg' or 'webp'.",
            )
        if self.stream and self.response_format == "url":
            raise _unsupported(
                "response_format",
                "A stream carries the images themselves, not links.",
                hint="Leave 'response_format' out, or 'stream'.",
            )
        return self

    @property
    def text(self) -> str:
        """The prompt to render."""
        raise NotImplementedError

    @property
    def pictures(self) -> tuple[ImageInput, ...]:
        """The images that the request starts from."""
        return ()

    @property
    def mask_image(self) -> ImageInput | None:
        """The mask of an edit."""
        return None

    @property
    def inline(self) -> bool:
        """Return whether the answer holds the images themselves, not links."""
        if self.response_format is not None:
            return self.response_format == "b64_json"
        return _INLINE_MODELS.match(self.model or "") is not None

    def params(self) -> GenerationParams:
        """Return what the catalog resolves into a plan."""
        return GenerationParams(
            model=self.model,
            size=None if self.size == _AUTO else self.size,
            outputs=self.n,
            seed=self.seed,
            watermark=self.watermark,
        )

    def request(self, key: str | None) -> ImageRequest:
        """Return the job to create, without its images and its mask.

        How the answer is sent is no part of the idempotency ``key``'s request: a client may come
        back for links.
        """
        style = _STYLES.get(self.style or "")
        picture_format = OutputFormat(self.output_format)
        return ImageRequest(
            self.text,
            self.params(),
            picture_format=picture_format,
            picture_quality=self.output_compression,
            partials=self.partial_images if self.stream else 0,
            style=style,
            idempotency=idempotency(
                key,
                self.operation,
                self.text,
                *astuple(self.params()),
                picture_format,
                self.output_compression,
                style,
                [image_identity(one) for one in self.pictures],
                image_identity(self.mask_image),
            ),
        )


class CreateImage(ImageOptions):
    """A request for new images."""

    event_prefix = "image_generation"
    operation = "image_generation"

    prompt: Annotated[Prompt, Remedy("Say in a sentence what the image shows.")] = Field(
        examples=["A paper boat on a calm lake"]
    )

    @property
    def text(self) -> str:
        """The prompt to render."""
        return self.prompt


class EditImage(CreateImage):
    """A request to change images."""

    event_prefix = "image_edit"
    operation = "image_edit"

    image: ImageInputs = Field(
        default=(),
        description="1 to 16 images: in a form files (JPEG, PNG, WebP), and `image[]` and "
        "`image[0]` are read too.",
    )
    images: ImageInputList = Field(default=(), description="As `image`.")
    mask: Annotated[ImageInputs, at_most(1)] = Field(
        default=(),
        description="An image of the first one's size. What is transparent in it may change; if "
        "nothing is, what is white.",
    )

    @model_validator(mode="after")
    def _check_pictures(self) -> Self:
        _check_count(len(self.pictures), MOST_PICTURES)
        return self

    @property
    def pictures(self) -> tuple[ImageInput, ...]:
        """The images to change."""
        return self.image + self.images

    @property
    def mask_image(self) -> ImageInput | None:
        """The mask, if one is given."""
        return self.mask[0] if self.mask else None


class VaryImage(ImageOptions):
    """A request for an image like another one."""

    # The official SDK knows no events of variations.
    event_prefix = "image_edit"
    operation = "image_variation"

    image: ImageInputs = Field(default=(), description="One image: in a form a file.")
    images: ImageInputList = Field(default=(), description="As `image`.")
    prompt: Prompt = Field(default=VARIATION_PROMPT, description="Ours: what should vary.")

    @model_validator(mode="after")
    def _check_pictures(self) -> Self:
        _check_count(len(self.pictures), 1)
        return self

    @property
    def text(self) -> str:
        """The prompt to render."""
        return self.prompt

    @property
    def pictures(self) -> tuple[ImageInput, ...]:
        """The image to vary."""
        return self.image + self.images


def _check_count(given: int, most: int) -> None:
    if not given:
        raise missing("image", "Send a file, or 'images' with 'image_url' or 'file_id'.")
    if given > most:
        raise too_many_images("image", most, given)


def _unsupported(param: str, message: str, *, hint: str) -> HinodeError:
    return HinodeError(ErrorCode.UNSUPPORTED_VALUE, message, param=param, hint=hint)
