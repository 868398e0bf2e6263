"""Response schemas of the image routes, and examples of requests."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.api.openai.schemas import OpenAISchema


class Picture(OpenAISchema):
    """An image."""

    b64_json: str | None = Field(default=None, description="The file in base64.")
    url: str | None = Field(
        default=None, description="Signed URL of the file, valid for 24 hours without an API key."
    )
    revised_prompt: str = Field(description="The rendered prompt.")


class TokenDetails(OpenAISchema):
    """Input tokens by kind; always 0."""

    text_tokens: int = Field(description="Always 0.")
    image_tokens: int = Field(description="Always 0.")


class ImageUsage(OpenAISchema):
    """Token usage; always 0, because images are charged in credits."""

    total_tokens: int = Field(description="Always 0.")
    input_tokens: int = Field(description="Always 0.")
    output_tokens: int = Field(description="Always 0.")
    input_tokens_details: TokenDetails = Field(description="Input tokens by kind.")


class Images(OpenAISchema):
    """The images of a completed job."""

    created: int = Field(description="Time of creation of the job in Unix seconds.")
    data: list[Picture] = Field(description="The images.")
    background: Literal["opaque"] = Field(description="Always `opaque`.")
    output_format: Literal["png", "jpeg", "webp"] = Field(description="File format of the images.")
    quality: Literal["high"] = Field(description="Always `high`.")
    size: str = Field(description="Rendered width and height in pixels.", examples=["1024x1024"])
    usage: ImageUsage = Field(description="Token usage; always 0.")
    model: str = Field(description="Extension: id of the model that rendered.")
    credits: int = Field(description="Extension: credits charged.")
