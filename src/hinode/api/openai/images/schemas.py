"""The shapes of the image routes as documentation; see :mod:`hinode.api.openai.schemas`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from hinode.api.openai.schemas import FileReference, ImageUrlReference, OpenAISchema

_FILE = {"type": "string", "format": "binary"}
_ONE_FILE: dict[str, Any] = _FILE
_FILES: dict[str, Any] = {"type": "array", "items": _FILE, "maxItems": 16}

EXAMPLES = {
    "picture": {
        "summary": "Text to picture",
        "value": {"prompt": "A paper boat on a calm lake", "model": "sora_image", "n": 2},
    },
}
EDIT_EXAMPLES = {
    "edit": {
        "summary": "A picture changed",
        "value": {
            "prompt": "Make it night",
            "images": [{"image_url": "https://example.com/boat.png"}],
        },
    },
}
VARIATION_EXAMPLES = {
    "variation": {
        "summary": "Another one like it",
        "value": {"image": {"image_url": "https://example.com/boat.png"}},
    },
}


class PictureOptions(BaseModel):
    """What all image routes have. Fields that are not listed are accepted and ignored."""

    model: str = Field(default="sora_image", examples=["sora_image", "gpt-image-1"])
    n: int = Field(default=1, ge=1, le=4, description="How many pictures.")
    size: str = Field(
        default="auto",
        examples=["1024x1024"],
        description="`auto` or `WIDTHxHEIGHT`, taken by its shape: 1:1, 3:2 or 2:3.",
    )
    quality: Literal["auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"] = Field(
        default="auto", description="Accepted; there is one quality."
    )
    response_format: Literal["url", "b64_json"] = Field(
        default="url",
        description="Links good for a day, or the pictures themselves. `b64_json` is the default "
        "for `gpt-image-1` and OpenAI's other names.",
    )
    output_format: Literal["png", "jpeg", "webp"] = "png"
    output_compression: int = Field(
        default=100, ge=0, le=100, description="Quality of JPEG and WebP; 100 for PNG."
    )
    background: Literal["auto", "opaque"] = "auto"
    moderation: Literal["auto", "low"] = Field(default="auto", description="Accepted.")
    style: str | None = Field(
        default=None, description="Ours: one of the ten looks, such as `anime` or `comic`."
    )
    stream: bool = Field(
        default=False, description="Answer as server-sent events, with the pictures in base64."
    )
    partial_images: int = Field(
        default=0, ge=0, le=3, description="Unfinished states that a stream shows."
    )
    seed: int | None = Field(default=None, ge=0, le=2**32 - 1, description="Ours: repeatability.")
    watermark: bool = Field(default=False, description="Ours: draw a visible mark.")


class Generate(PictureOptions):
    """A request for new pictures."""

    prompt: str = Field(min_length=1, max_length=32_000, examples=["A paper boat on a calm lake"])


class EditForm(Generate):
    """A request to change pictures, as a form."""

    image: list[str] = Field(
        description="1 to 16 files (JPEG, PNG, WebP); `image[]` and `image[0]` are read too.",
        json_schema_extra=_FILES,
    )
    mask: str | None = Field(
        default=None,
        description="A picture of the first one's size. What is transparent in it may change; if "
        "nothing is, what is white.",
        json_schema_extra=_ONE_FILE,
    )


class EditJson(Generate):
    """A request to change pictures, as JSON."""

    images: list[ImageUrlReference | FileReference | str] = Field(min_length=1, max_length=16)
    mask: ImageUrlReference | FileReference | str | None = Field(
        default=None, description="As in a form."
    )


class VariationForm(PictureOptions):
    """A request for a picture like another one, as a form."""

    image: str = Field(description="One file.", json_schema_extra=_ONE_FILE)
    prompt: str | None = Field(default=None, description="Ours: what should vary.")


class VariationJson(PictureOptions):
    """A request for a picture like another one, as JSON."""

    image: ImageUrlReference | FileReference | str
    prompt: str | None = Field(default=None, description="Ours: what should vary.")


class Picture(OpenAISchema):
    """One picture."""

    b64_json: str | None = Field(default=None, description="The file, in base64.")
    url: str | None = Field(default=None, description="A link that needs no key, for a day.")
    revised_prompt: str = Field(description="The prompt that was rendered.")


class TokenDetails(OpenAISchema):
    """Always 0."""

    text_tokens: int
    image_tokens: int


class Usage(OpenAISchema):
    """All 0: pictures are paid for in credits, not in tokens."""

    total_tokens: int
    input_tokens: int
    output_tokens: int
    input_tokens_details: TokenDetails


class Images(OpenAISchema):
    """Finished pictures: the documented keys, then ours."""

    created: int = Field(description="Unix seconds.")
    data: list[Picture]
    background: Literal["opaque"]
    output_format: Literal["png", "jpeg", "webp"]
    quality: Literal["high"]
    size: str = Field(description="What was rendered.", examples=["1024x1024"])
    usage: Usage
    model: str
    credits: int = Field(description="What was paid.")
