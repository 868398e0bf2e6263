"""Schemas of drafts and tasks: queries are parsed by them, answers are documented by them."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field, RootModel

from hinode.api.given_parameters import NamedParameters
from hinode.api.parsing import Nullable, RequestSchema
from hinode.api.sora.characters.schemas import CharacterProfile
from hinode.api.sora.ids import parse_generation_id, parse_task_id
from hinode.api.sora.schemas import PageLimit, SoraSchema, invalid_value
from hinode.core.drafts.types import OutputPosition

Reason = str | None


class DraftQuery(RequestSchema):
    """A page of drafts."""

    limit: PageLimit = 15
    cursor: Nullable[str] = Field(
        default=None, description="`cursor` of the previous page; omit it for the first page."
    )

    @property
    def after(self) -> OutputPosition | None:
        """The last draft of the previous page. Raises :class:`HinodeError`."""
        after = parse_generation_id(self.cursor) if self.cursor else None
        if self.cursor and after is None:
            raise invalid_value("cursor", "'cursor' must be the 'cursor' of the previous page.")
        return after


class TaskQuery(RequestSchema):
    """A page of tasks."""

    limit: PageLimit = 20
    before: Nullable[str] = Field(
        default=None, description="`last_id` of the previous page; omit it for the first page."
    )

    @property
    def before_job(self) -> UUID | None:
        """The last job of the previous page. Raises :class:`HinodeError`."""
        job_id = parse_task_id(self.before) if self.before else None
        if self.before and job_id is None:
            raise invalid_value(
                "before", "'before' must be the 'last_id' of the previous page, a task's id."
            )
        return job_id


class VideoEncoding(SoraSchema):
    """A video or image file."""

    path: str = Field(description="Signed URL of the file, valid for at most 24 hours.")
    size: int = Field(description="Size in bytes.")
    width: int = Field(description="Width in pixels.")
    height: int = Field(description="Height in pixels.")
    duration_secs: float = Field(description="Length in seconds.")
    ssim: float = Field(description="Similarity to the source; always 1, for it is the source.")


class EncodingVariant(SoraSchema):
    """The file for smaller screens: the same one, since there is one encoding of each."""

    path: str = Field(description="Signed URL of the file, valid for at most 24 hours.")


class ImageEncoding(SoraSchema):
    """An image file."""

    path: str = Field(description="Signed URL of the file, valid for at most 24 hours.")
    size: int = Field(description="Size in bytes.")


class EncodingsObject(SoraSchema):
    """The files of a generation; all null if it has none."""

    source: VideoEncoding | None
    source_wm: VideoEncoding | None = Field(
        description="The copy with a visible watermark; null if there is none."
    )
    md: EncodingVariant | None
    ld: EncodingVariant | None
    gif: None
    thumbnail: ImageEncoding | None
    unfurl: ImageEncoding | None
    spritesheet: ImageEncoding | None


class ModerationResult(SoraSchema):
    """The result of content moderation."""

    type: Literal["passed", "rejected"] = Field(
        description="`rejected` if the engine rejected the request for its content."
    )
    results_by_frame_index: dict[str, Any]
    code: str | None
    is_output_rejection: bool
    task_id: str


class GenerationUser(SoraSchema):
    """The owner."""

    id: str
    username: str


class GenerationObject(SoraSchema):
    """One output of a finished task."""

    id: str = Field(description="Id of the generation, `gen_…`.")
    task_id: str = Field(description="Id of the task, `task_…`.")
    created_at: str = Field(description="Time when the task ended, ISO 8601.")
    url: str = Field(description="Signed URL of the file, valid for at most 24 hours.")
    encodings: EncodingsObject = Field(description="The files.")
    width: int = Field(description="Width in pixels.")
    height: int = Field(description="Height in pixels.")
    n_frames: int = Field(description="Number of frames.")
    prompt: str = Field(description="The prompt.")
    title: str
    operation: Literal["simple_compose", "remix"]
    model: str | None
    user: GenerationUser
    moderation_result: ModerationResult
    task_type: Literal["video_gen", "image_gen"]
    deleted_at: None
    seed: None
    can_download: None
    download_status: None
    is_favorite: None
    is_liked: None
    is_public: None
    is_archived: None
    is_featured: None
    like_count: None
    cf_thumbnail_url: None
    quality: None


class TaskItem(SoraSchema):
    """A task in any state. Fields of Sora that have no meaning here are null."""

    id: str = Field(description="Id of the task, `task_…`.")
    user: str = Field(description="Id of the account, `user-…`.")
    created_at: str = Field(description="Time of creation, ISO 8601 with microseconds and Z.")
    status: Literal["queued", "running", "processing", "succeeded", "failed"] = Field(
        description="State of the task; `processing` while its files are stored, `failed` also if "
        "it was canceled."
    )
    progress_pct: float = Field(ge=0, le=1, description="Progress from 0 to 1.")
    progress_pos_in_queue: int | None = Field(
        description="Number of tasks ahead in the queue; null unless `queued`."
    )
    estimated_queue_wait_time: None = Field(description="Always null.")
    queue_status_message: str | None = Field(description="Place in the queue, for people.")
    priority: int = Field(description="1 is low, 2 normal, 3 high.")
    type: Literal["video_gen", "image_gen"] = Field(description="Kind of the task.")
    task_type: Literal["video_gen", "image_gen"] = Field(description="As `type`.")
    prompt: str = Field(description="The prompt.")
    title: str = Field(description="A fixed title for each kind.")
    n_variants: int = Field(description="Number of generations.")
    n_frames: int = Field(description="Number of frames of each generation.")
    width: int = Field(description="Width in pixels.")
    height: int = Field(description="Height in pixels.")
    operation: Literal["simple_compose", "remix"]
    model: str | None
    inpaint_items: list[dict[str, Any]]
    is_storyboard: bool
    generations: list[GenerationObject] = Field(description="The outputs of a finished task.")
    num_unsafe_generations: int = Field(description="1 if the content was rejected, else 0.")
    moderation_result: ModerationResult = Field(description="Result of content moderation.")
    needs_user_review: bool = Field(description="Always false.")
    failure_reason: Reason = Field(description="Reason of a failure; null unless `failed`.")
    error_message: Reason = Field(description="As `failure_reason`.")
    seed: None
    guidance: None
    actions: None
    interpolation: None
    sdedit: None
    preset_id: None
    caption: None
    quality: None
    size: None
    remix_config: None
    storyboard_id: None
    story_id: None
    organization_id: None
    project_id: None
    request_id: None
    tracking_id: None
    parameters: NamedParameters | None = Field(
        default=None,
        description="Extension: the generation parameters of the task that have no field of their "
        "own; absent if none was given.",
    )


class PendingTasks(RootModel[list[TaskItem]]):
    """The unfinished videos, newest first."""


class TaskList(SoraSchema):
    """A page of tasks, newest first."""

    task_responses: list[TaskItem] = Field(description="The tasks of the page.")
    last_id: str | None = Field(description="`before` of the next page; null in an empty page.")
    has_more: bool = Field(description="True if there is a next page.")


class DownloadUrls(SoraSchema):
    """Signed URLs of the copies of a video."""

    watermark: str | None = Field(description="Copy with a watermark; null if there is none.")
    no_watermark: str | None = Field(
        description="Copy without a watermark; null if there is none or the plan does not show it."
    )


class PostReference(SoraSchema):
    """A post, which may have been deleted since."""

    id: str = Field(pattern="^s_[0-9a-f]{32}$")


class CreationConfig(SoraSchema):
    """The parameters of the create."""

    prompt: str = Field(description="The prompt.")
    task_id: str = Field(description="Id of the task, `task_…`.")
    orientation: Literal["portrait", "landscape", "square"] = Field(description="Orientation.")
    n_frames: int = Field(description="Number of frames.")
    style_id: str | None = Field(description="Style; null without one.")
    storyboard_id: None = Field(description="Always null.")
    remix_target_post: PostReference | None = Field(description="Source post of a remix.")
    inpaint_image: None = Field(description="Always null.")
    cameo_profiles: list[CharacterProfile] = Field(
        description="Characters in the video that still exist."
    )
    parameters: NamedParameters | None = Field(
        default=None,
        description="Extension: the generation parameters of the task that have no field of their "
        "own; absent if none was given.",
    )


class PostSummary(SoraSchema):
    """The post of a video, without the video."""

    id: str = Field(pattern="^s_[0-9a-f]{32}$", description="Id of the post.")
    text: str = Field(description="Text of the post.")
    permalink: str = Field(description="URL of the public page of the post.")
    posted_at: float = Field(description="Time of publication in Unix seconds.")
    visibility: Literal["public"] = Field(description="Always `public`.")
    like_count: int = Field(description="Number of likes.")
    view_count: int = Field(description="Number of views of its page.")
    remix_count: int = Field(description="Number of remixes.")


class DraftItem(SoraSchema):
    """A draft: a finished video, or the reason of its failure."""

    id: str = Field(description="Id of the generation, `gen_…`.")
    generation_id: str = Field(description="As `id`.")
    task_id: str = Field(description="Id of the task, `task_…`.")
    kind: Literal["sora_draft", "sora_content_violation", "sora_error"] = Field(
        description="`sora_draft`: a video; `sora_content_violation`: rejected for its content; "
        "`sora_error`: failed, canceled or expired."
    )
    url: str | None = Field(
        description="Signed URL of the video, valid for at most 24 hours; null without a video."
    )
    downloadable_url: str | None = Field(description="As `url`.")
    download_urls: DownloadUrls = Field(description="URLs with and without a watermark.")
    encodings: EncodingsObject = Field(description="The files.")
    preview_image_url: str | None = Field(description="Signed URL of the thumbnail.")
    thumbnail_url: str | None = Field(description="As `preview_image_url`.")
    width: int = Field(description="Width in pixels.")
    height: int = Field(description="Height in pixels.")
    n_frames: int = Field(description="Number of frames.")
    generation_type: Literal["video_gen"] = Field(description="Always `video_gen`.")
    created_at: float = Field(description="Time when the task ended in Unix seconds.")
    prompt: str = Field(description="The prompt.")
    title: str | None = Field(description="Always null.")
    creation_config: CreationConfig = Field(description="Parameters of the create.")
    draft_reviewed: bool = Field(description="True once the draft was marked as reviewed.")
    can_remix: bool = Field(description="True if there is a video to remix.")
    can_create_character: bool = Field(description="True if there is a video for a character.")
    storyboard_id: None = Field(description="Always null.")
    post: PostSummary | None = Field(description="Post of the video; null if not published.")
    post_visibility: Literal["public"] | None = Field(description="Visibility of the post.")
    tags: list[str] = Field(description="Always empty.")
    reason: Reason = Field(description="Error code of a failure; null for a video.")
    reason_str: Reason = Field(description="Reason of a failure; null for a video.")
    markdown_reason_str: Reason = Field(description="`reason_str` escaped for Markdown.")
    error_reason: Reason = Field(description="`reason_str`; null for a content violation.")
    c_version: None = Field(description="Always null.")
    output_blocked: bool = Field(description="True for a content violation.")


class DraftList(SoraSchema):
    """A page of drafts, the last to end first."""

    items: list[DraftItem] = Field(description="The drafts of the page.")
    cursor: str | None = Field(description="`cursor` of the next page; null on the last.")


class DraftResponse(SoraSchema):
    """One draft."""

    draft: DraftItem


class DraftDeleted(SoraSchema):
    """Confirmation of a deletion."""

    success: Literal[True] = Field(description="Always true.")
