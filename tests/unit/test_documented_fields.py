"""Each field that the official SDK's types have is read here, or is known to be without effect."""

from __future__ import annotations

import pytest
from openai.types import (
    image_create_variation_params,
    image_edit_params,
    image_generate_params,
    video_create_params,
    video_edit_params,
    video_extend_params,
    video_remix_params,
)
from openai.types.chat import completion_create_params

from hinode.api.openai.chat.request import CreateCompletion
from hinode.api.openai.images.requests import CreateImage, EditImage, VaryImage
from hinode.api.openai.video_requests import CreateVideo, EditVideo, ExtendVideo, RemixVideo
from hinode.api.parsing import RequestSchema

REFUSED = {"markup"}
"""Files that change what is asked for, and that no engine takes."""


@pytest.mark.parametrize(
    ("documented", "schema"),
    [
        (video_create_params.VideoCreateParams, CreateVideo),
        (video_edit_params.VideoEditParams, EditVideo),
        (video_extend_params.VideoExtendParams, ExtendVideo),
        (video_remix_params.VideoRemixParams, RemixVideo),
        (image_generate_params.ImageGenerateParamsBase, CreateImage),
        (image_edit_params.ImageEditParamsBase, EditImage),
        (image_create_variation_params.ImageCreateVariationParams, VaryImage),
        (completion_create_params.CompletionCreateParamsBase, CreateCompletion),
    ],
    ids=lambda one: one.__name__,
)
def test_a_documented_field_is_never_told(documented: type, schema: type[RequestSchema]) -> None:
    known = {*schema.model_fields, *schema.synonyms, *schema.without_effect}
    assert set(documented.__annotations__) - known - REFUSED == set()
