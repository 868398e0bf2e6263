"""Schemas of creates and uploads: requests are parsed, answers documented by them.

Fields that change nothing here (titles, captions, the ids of rerolled tasks, replacements of
characters, whether a prompt may be rewritten) are accepted with any value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    InstanceOf,
    Strict,
    WithJsonSchema,
    model_validator,
)

from hinode.api.generation_parameters import (
    MAX_REFERENCES,
    ParameterFields,
    VideoParameterFields,
)
from hinode.api.parsing import (
    Boolean,
    Defaulted,
    DefaultedInteger,
    Nullable,
    NullableInteger,
    PriorityField,
    Remedy,
    RequestSchema,
    Required,
    RequiredInteger,
)
from hinode.api.shape import Pixels, disagreement, size_of
from hinode.api.sora.auth.schemas import QuotaObject
from hinode.api.sora.create.prompt_enhancement import ExpansionLevel
from hinode.api.sora.schemas import Choice, SoraSchema, fold_case
from hinode.api.values import Upload, Value
from hinode.core.characters.lookup import MAX_IN_ONE_VIDEO
from hinode.core.text_checks import MAX_PROMPT
from hinode.media.parameters import RenderParameters
from hinode.media.size import Size
from hinode.media.types import Style

_PromptText = Required[
    Annotated[str, Field(max_length=MAX_PROMPT, description="`@username` mentions a character.")]
]
Prompt = Annotated[_PromptText, Remedy("Describe the video or image in a sentence.")]
Outputs = DefaultedInteger[Annotated[int, Field(ge=1, le=4)]]
JobPriority = Annotated[
    Choice[PriorityField],
    Field(
        description="Extension: how soon the queue takes the task, as far as the key may ask for "
        "it; by default `normal`, or the key's highest if that is `low`."
    ),
]
Seed = NullableInteger[Annotated[int, Field(ge=0, le=2**32 - 1)]]
Side = DefaultedInteger[Annotated[int, Field(ge=1, le=4_096)]]


def _style(value: Value) -> Value:
    # One client's list has `vintage`, no other does; `retro` looks like it.
    folded = fold_case(value)
    return Style.RETRO.value if folded == "vintage" else folded


_UNUSED = frozenset(
    {
        "audio_caption", "audio_transcript", "cameo_replacements", "caption", "enable_rewrite",
        "i2v_reference_instruction", "metadata", "preset_id", "project_config", "project_id",
        "remix_prompt_template", "reroll_target_id", "storyboard_id", "title", "trim_config",
        "use_image_as_first_frame", "video_caption",
    }
)  # fmt: skip
"""Fields of this wire that change nothing here."""

StyleId = Annotated[Nullable[Annotated[Style, Strict(False)]], BeforeValidator(_style)]


class VideoImage(RequestSchema):
    """An image that a video is made from."""

    without_effect: ClassVar[frozenset[str]] = frozenset({"type", "frame_index"})

    kind: Defaulted[Literal["upload", "file", "generation"]] = "upload"
    upload_id: Nullable[str] = Field(default=None, description="`media_…`, of an upload.")
    file_id: Nullable[str] = Field(default=None, description="`file_…`, of a pointed file.")
    generation_id: Nullable[str] = Field(default=None, description="`gen_…`, an own generation.")


class SoraCreateVideo(VideoParameterFields):
    """A video, from words, an image or another video."""

    synonyms: ClassVar[Mapping[str, str]] = {
        **VideoParameterFields.synonyms,
        "remix_id": "remix_target_id",
        "style": "style_id",
    }
    without_effect: ClassVar[frozenset[str]] = _UNUSED | frozenset({"operation", "type"})

    prompt: Prompt
    kind: Choice[Literal["video"]] = None
    model: Defaulted[str] = Field(
        default="sy_8",
        description="Id of the model: `sy_8` (sora-2), `sy_ore` (sora-2-pro), or any other model.",
    )
    orientation: Choice[Literal["portrait", "landscape", "square"]] = Field(
        default=None,
        description="Orientation; by default that of the first frame or the source video, else "
        "`portrait`.",
    )
    size: Choice[Literal["small", "medium", "large"]] = Field(
        default=None,
        description="`small` (the default) and `medium` are the standard size, `large` is HD.",
    )
    width: Pixels = Field(
        default=None,
        description="Extension: width in pixels, with `height` instead of `orientation`.",
    )
    height: Pixels = Field(default=None, description="Extension: height in pixels.")
    n_frames: NullableInteger[int] = Field(
        default=None,
        description="Length in thirtieths of a second: 150, 300, 450, 600 or 750 for `sy_8`. By "
        "default that of the source video, else the model's default.",
    )
    style_id: StyleId = Field(default=None, description="Style; `vintage` is an alias of `retro`.")
    inpaint_items: Nullable[Annotated[list[VideoImage], Field(max_length=1)]] = Field(
        default=None, description="The first frame."
    )
    last_frame: Nullable[VideoImage] = Field(
        default=None, description="Extension: image that the video ends on."
    )
    reference_images: Nullable[Annotated[list[VideoImage], Field(max_length=MAX_REFERENCES)]] = (
        Field(default=None, description="Extension: images of what the video shows.")
    )
    remix_target_id: Nullable[str] = Field(
        default=None,
        description="Source of a remix: a post `s_…` of any account, or a generation `gen_…` or "
        "task `task_…` of the account.",
    )
    cameo_ids: Nullable[Annotated[list[str], Field(max_length=MAX_IN_ONE_VIDEO)]] = Field(
        default=None, description="Ids of characters that appear in the video, `ch_…`."
    )
    seed: Seed = Field(default=None, description="Extension: seed; by default a random one.")
    nsamples: Outputs = Field(default=1, description="Number of generations of the task.")
    priority: JobPriority = None

    @model_validator(mode="after")
    def _check_pixels(self) -> Self:
        if self.pixels is not None and self.orientation not in (None, self.pixels.orientation):
            raise disagreement("width", "orientation")
        return self

    @property
    def pixels(self) -> Size | None:
        """The size in pixels, None where it is not asked for so."""
        return size_of(self.width, self.height)


class CreateStoryboard(SoraCreateVideo):
    """A video of several shots.

    The prompt has `Shot 1:`, `duration: 5.0sec` and `Scene: …` on lines of their own, for each.
    """


class ImageSource(RequestSchema):
    """An image that others are made from."""

    without_effect: ClassVar[frozenset[str]] = frozenset({"type", "kind", "frame_index"})

    upload_media_id: Nullable[str] = Field(
        default=None, description="`media_…`, `file_…` or `gen_…`."
    )
    generation_id: Nullable[str] = Field(default=None, description="`gen_…`, an own generation.")


class CreateImages(ParameterFields):
    """Images, from words or from others."""

    without_effect: ClassVar[frozenset[str]] = _UNUSED

    prompt: Prompt
    type: Choice[Literal["image_gen"]] = None
    operation: Choice[Literal["simple_compose", "remix"]] = None
    width: Side = Field(
        default=360, description="Width in pixels; with `height` it selects the aspect ratio."
    )
    height: Side = Field(default=360, description="Height in pixels.")
    n_variants: Outputs = Field(default=1, description="Number of images.")
    priority: JobPriority = None
    n_frames: NullableInteger[Literal[1]] = None
    seed: Seed = Field(default=None, description="Extension: seed; by default a random one.")
    inpaint_items: Nullable[Annotated[list[ImageSource], Field(max_length=4)]] = None


class SoraExtendVideo(ParameterFields):
    """The new part of a longer video; parameters that it does not name are those of the video."""

    synonyms: ClassVar[Mapping[str, str]] = {
        **ParameterFields.synonyms,
        "generate_sound": "generate_audio",
        "style": "style_id",
    }
    without_effect: ClassVar[frozenset[str]] = frozenset({"enable_rewrite"})

    user_prompt: Annotated[_PromptText, Remedy("Describe the new part in a sentence.")]
    extension_duration_s: Annotated[
        RequiredInteger[Literal[10, 15]], Remedy("The seconds of the new part, 10 or 15.")
    ] = Field(description="Length of the new part in seconds.")
    style_id: StyleId = Field(default=None, description="Extension: style.")
    seed: Seed = Field(default=None, description="Extension: seed.")
    generate_audio: Boolean = Field(
        default=None, description="Extension: false for a video without sound."
    )
    priority: JobPriority = None

    def render_parameters(self) -> RenderParameters:
        """Return the parameters of the engine."""
        return replace(super().render_parameters(), generate_audio=self.generate_audio)


class EnhancePrompt(RequestSchema):
    """A prompt to expand."""

    prompt: Prompt
    expansion_level: Defaulted[ExpansionLevel] = Field(
        default="medium",
        description="Length of the result: one or two sentences, a paragraph, or a page.",
    )
    duration_s: DefaultedInteger[Literal[5, 10, 15, 20, 25]] = Field(
        default=10, description="Length of the video in seconds."
    )


class ImageUpload(RequestSchema):
    """An image to store; the content types of its parts are not read."""

    file: Annotated[
        Required[InstanceOf[Upload]],
        Remedy("Send the image as a part of multipart/form-data."),
        WithJsonSchema({"type": "string", "format": "binary"}),
    ]
    file_name: Nullable[str] = None
    use_case: Nullable[str] = Field(default=None, description="Repeated in the answer.")


class CreatedTask(SoraSchema):
    """A created task."""

    id: str = Field(description="Id of the task: `task_` and 26 characters.")
    priority: int = Field(description="1 is low, 2 normal, 3 high.")
    task_type: Literal["video_gen", "image_gen"] = Field(description="Kind of the task.")
    rate_limit_and_credit_balance: QuotaObject = Field(description="Quota after the create.")


class CreatedTasks(CreatedTask):
    """A task with several generations."""

    ids: list[str] = Field(description="Extension: ids of the tasks; always one.")
    generation_ids: list[str] = Field(
        description="Extension: ids of the generations, `gen_…`, under which drafts will be listed."
    )


class UploadedImage(SoraSchema):
    """An upload."""

    id: str = Field(description="`media_` and 26 characters.")
    type: Literal["image"]
    file_id: str = Field(description="The same file, as `file/upload` names it.")
    title: str
    mime_type: Literal["image/png", "image/jpeg", "image/webp"]
    size: int = Field(description="Bytes.")
    width: int = Field(description="Pixels of the stored image.")
    height: int
    url: str = Field(description="Works without a token for 24 hours.")
    created_at: str


class UploadedFileObject(SoraSchema):
    """An uploaded file with its pointer."""

    file_id: str = Field(description="`file_` and 32 hexadecimal digits.")
    asset_pointer: str = Field(description="`sediment://` and the id.")
    azure_asset_pointer: None
    url: str = Field(description="Works without a token for 24 hours.")
    size: int = Field(description="Bytes.")
    use_case: str | None
    contains_realistic_person: bool = Field(
        description="Always false: files are not analysed for people."
    )


class EnhancedPrompt(SoraSchema):
    """An expanded prompt."""

    enhanced_prompt: str = Field(description="The expanded prompt.")
    source: Literal["model", "template"] = Field(
        description="Extension: `model` if the text model wrote it, `template` if none answered."
    )
    expansion_level: Literal["short", "medium", "long"] = Field(description="As in the request.")
    duration_s: int = Field(description="As in the request.")
