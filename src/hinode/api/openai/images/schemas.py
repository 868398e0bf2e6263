"""The schemas of the image routes' answers, and examples of requests."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.api.openai.schemas import OpenAISchema

EXAMPLES = {
    "picture": {
        "summary": "Text to image",
        "value": {"prompt": "A paper boat on a calm lake", "model": "sora_image", "n": 2},
    },
}
EDIT_EXAMPLES = {
    "edit": {
        "summary": "An image changed",
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


class Picture(OpenAISchema):
    """One image."""

    b64_json: str | None = Field(default=None, description="The file, in base64.")
    url: str | None = Field(default=None, description="A link that needs no key, for a day.")
    revised_prompt: str = Field(description="The prompt that was rendered.")


class TokenDetails(OpenAISchema):
    """Always 0."""

    text_tokens: int
    image_tokens: int


class ImageUsage(OpenAISchema):
    """All 0: images are paid for in credits, not in tokens."""

    total_tokens: int
    input_tokens: int
    output_tokens: int
    input_tokens_details: TokenDetails


class Images(OpenAISchema):
    """Finished images: the documented keys, then ours."""

    created: int = Field(description="Unix seconds.")
    data: list[Picture]
    background: Literal["opaque"]
    output_format: Literal["png", "jpeg", "webp"]
    quality: Literal["high"]
    size: str = Field(description="What was rendered.", examples=["1024x1024"])
    usage: ImageUsage
    model: str
    credits: int = Field(description="What was paid.")
