"""Request schemas of the image routes.

Names, values and ranges are those of the official SDK's ``ImageGenerateParams``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import astuple
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from hinode.api.generation_parameters import ParameterFields
from hinode.api.image_inputs import (
    IMAGE_MEMBERS,
    ImageInput,
    ImageInputList,
    ImageInputs,
    at_most,
    image_identity,
    too_many_images,
)
from hinode.api.openai.video_requests import PRIORITY, Outputs, Prompt, Seed, idempotency
from hinode.api.parsing import (
    Flag,
    Integer,
    LenientRequestSchema,
    PriorityField,
    Remedy,
    WrongAs,
)
from hinode.api.shape import Pixels, disagreement, size_of
from hinode.api.values import missing
from hinode.core.catalog.params import GenerationParams
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import ImageRequest
from hinode.media.size import Size
from hinode.media.types import OutputFormat, Style

MOST_PICTURES = 16
VARIATION_PROMPT = "a variation"
_AUTO = "auto"
_LOSSLESS = 100
_WRONG = WrongAs(ErrorCode.UNSUPPORTED_VALUE)
# OpenAI's own models return base64 by default, all others URLs.
_INLINE_MODELS = re.compile(r"(gpt-image-\d|chatgpt-image)")
# OpenAI's two styles are accepted and change nothing.
_STYLES: Mapping[str, Style] = {one.value: one for one in Style}

StyleName = Literal[
    "vivid", "natural", "festive", "kakalaka", "news", "selfie", "handheld", "golden", "anime",
    "retro", "nostalgic", "comic",
]  # fmt: skip


class ImageOptions(LenientRequestSchema, ParameterFields):
    """Options common to all image routes."""

    synonyms: ClassVar[Mapping[str, str]] = {
        **ParameterFields.synonyms,
        "num_outputs_per_prompt": "n",
    }
    without_effect: ClassVar[frozenset[str]] = frozenset(
        {
            "complexity", "frame_count", "frame_duration_ms", "input_fidelity", "moderation",
            "safety_identifier", "svg", "user",
        }
    )  # fmt: skip

    event_prefix: ClassVar[str]
    operation: ClassVar[str]

    model: str | None = Field(
        default=None,
        description="Id of the model; by default the server's default image model.",
        examples=["sora_image", "gpt-image-1"],
    )
    n: Outputs = Field(default=1, description="Number of images.")
    size: str = Field(
        default=_AUTO,
        examples=["1024x1024"],
        description="`auto` or `WIDTHxHEIGHT` in pixels; the nearest aspect ratio of 1:1, 3:2 and "
        "2:3 is rendered.",
    )
    width: Pixels = Field(
        default=None, description="Extension: width in pixels, with `height` instead of `size`."
    )
    height: Pixels = Field(default=None, description="Extension: height in pixels.")
    quality: Literal["auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"] = Field(
        default="auto", description="Accepted for compatibility; there is one quality."
    )
    response_format: Literal["url", "b64_json"] | None = Field(
        default=None,
        description="`url`: signed URLs, valid for 24 hours; `b64_json`: the files in base64. The "
        "default is `b64_json` for OpenAI's model names such as `gpt-image-1`, else `url`.",
    )
    output_format: Literal["png", "jpeg", "webp"] = Field(
        default="png", description="File format of the images."
    )
    output_compression: Annotated[Integer[Annotated[int, Field(ge=0, le=100)]], _WRONG] = Field(
        default=_LOSSLESS,
        description="Quality of JPEG and WebP in percent; WebP of 100 is lossless. Must be 100 for "
        "PNG.",
    )
    background: Literal["auto", "opaque"] = Field(
        default="auto", description="Background; transparent ones are not supported."
    )
    moderation: Literal["auto", "low"] = Field(
        default="auto", description="Accepted for compatibility; it has no effect."
    )
    input_fidelity: Literal["low", "high"] | None = Field(
        default=None, description="Accepted for compatibility; it has no effect."
    )
    style: StyleName | None = Field(
        default=None,
        description="Style; the ten besides OpenAI's `vivid` and `natural`, which have no effect, "
        "are an extension.",
    )
    stream: Flag = Field(
        default=False, description="Return the images as server-sent events, in base64."
    )
    partial_images: Annotated[Integer[Annotated[int, Field(ge=0, le=3)]], _WRONG] = Field(
        default=0, description="Number of partial images in a stream."
    )
    seed: Seed | None = Field(
        default=None, description="Extension: seed of the first image; by default a random one."
    )
    watermark: Flag = Field(default=False, description="Extension: add a visible watermark.")
    priority: PriorityField = Field(default=None, description=PRIORITY)

    @model_validator(mode="after")
    def _check(self) -> Self:
        pixels = size_of(self.width, self.height)
        if pixels is not None and self.size != _AUTO and Size.parse(self.size) != pixels:
            raise disagreement("width", "size")
        if self.output_format == "png" and self.output_compression != _LOSSLESS:
            raise _unsupported(
                "output_compression",
                "PNG is lossless: 'output_compression' must be 100.",
                hint="Use the 'output_format' 'jpeg' or 'webp'.",
            )
        if self.stream and self.response_format == "url":
            raise _unsupported(
                "response_format",
                "A stream returns images in base64, not URLs.",
                hint="Omit 'response_format' or 'stream'.",
            )
        return self

    @property
    def text(self) -> str:
        """The prompt to render."""
        raise NotImplementedError

    @property
    def pictures(self) -> tuple[ImageInput, ...]:
        """The input images."""
        return ()

    @property
    def mask_image(self) -> ImageInput | None:
        """The mask of an edit."""
        return None

    @property
    def inline(self) -> bool:
        """Return whether the response has images in base64 instead of URLs."""
        if self.response_format is not None:
            return self.response_format == "b64_json"
        return _INLINE_MODELS.match(self.model or "") is not None

    def params(self) -> GenerationParams:
        """Return the generation parameters."""
        return GenerationParams(
            model=self.model,
            size=self._size(),
            outputs=self.n,
            seed=self.seed,
            watermark=self.watermark,
            render=self.render_parameters(),
        )

    def _size(self) -> str | None:
        pixels = size_of(self.width, self.height)
        if self.size == _AUTO:
            return None if pixels is None else str(pixels)
        return self.size

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
                lambda: [
                    self.operation,
                    self.text,
                    *astuple(self.params()),
                    picture_format,
                    self.output_compression,
                    style,
                    self.priority,
                    [image_identity(one) for one in self.pictures],
                    image_identity(self.mask_image),
                ],
            ),
            priority=self.priority,
        )


class CreateImage(ImageOptions):
    """Parameters of an image generation."""

    event_prefix = "image_generation"
    operation = "image_generation"

    prompt: Annotated[Prompt, Remedy("Describe the image in a sentence.")] = Field(
        description="Description of the image.", examples=["A paper boat on a calm lake"]
    )

    @property
    def text(self) -> str:
        """The prompt to render."""
        return self.prompt


class EditImage(CreateImage):
    """Parameters of an image edit."""

    members: ClassVar[Mapping[str, frozenset[str]]] = dict.fromkeys(
        ("image", "images", "mask"), IMAGE_MEMBERS
    )

    event_prefix = "image_edit"
    operation = "image_edit"

    image: ImageInputs = Field(
        default=(),
        description="1 to 16 images (JPEG, PNG, WebP, HEIC, AVIF). In a form they are files, "
        "repeated as `image`, `image[]` or `image[0]`.",
    )
    images: ImageInputList = Field(
        default=(), description="The images as a list; together with `image` 1 to 16."
    )
    mask: Annotated[ImageInputs, at_most(1)] = Field(
        default=(),
        description="Mask of the size of the first image: transparent areas are edited or, if it "
        "has none, white areas.",
    )

    @model_validator(mode="after")
    def _check_pictures(self) -> Self:
        _check_count(len(self.pictures), MOST_PICTURES)
        return self

    @property
    def pictures(self) -> tuple[ImageInput, ...]:
        """The images to edit."""
        return self.image + self.images

    @property
    def mask_image(self) -> ImageInput | None:
        """The mask, if one is given."""
        return self.mask[0] if self.mask else None


class VaryImage(ImageOptions):
    """Parameters of an image variation."""

    members: ClassVar[Mapping[str, frozenset[str]]] = dict.fromkeys(
        ("image", "images"), IMAGE_MEMBERS
    )

    # The official SDK has no events for variations.
    event_prefix = "image_edit"
    operation = "image_variation"

    image: ImageInputs = Field(default=(), description="The image to vary; in a form, a file.")
    images: ImageInputList = Field(default=(), description="Alternative to `image`: a list of one.")
    prompt: Prompt = Field(
        default=VARIATION_PROMPT, description="Extension: description of the variation."
    )

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
