"""Schemas of drafts and tasks: queries are parsed by them, answers are documented by them."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field, RootModel

from hinode.api.parsing import Nullable, RequestSchema
from hinode.api.sora.characters.schemas import CharacterProfile
from hinode.api.sora.ids import parse_generation_id, parse_task_id
from hinode.api.sora.schemas import PageLimit, SoraSchema, invalid_value
from hinode.core.drafts.types import OutputPosition

Reason = str | None


class DraftQuery(RequestSchema):
    """A page of drafts."""

    limit: PageLimit = 15
    cursor: Nullable[str] = None

    @property
    def after(self) -> OutputPosition | None:
        """The last draft of the page before. Raises :class:`HinodeError`."""
        after = parse_generation_id(self.cursor) if self.cursor else None
        if self.cursor and after is None:
            raise invalid_value("cursor", "'cursor' is the 'cursor' of the page before.")
        return after


class TaskQuery(RequestSchema):
    """A page of tasks."""

    limit: PageLimit = 20
    before: Nullable[str] = Field(default=None, description="The `last_id` of the page before.")

    @property
    def before_job(self) -> UUID | None:
        """The last job of the page before. Raises :class:`HinodeError`."""
        job_id = parse_task_id(self.before) if self.before else None
        if self.before and job_id is None:
            raise invalid_value("before", "'before' is the 'last_id' of the page before, a task's.")
        return job_id


class VideoEncoding(SoraSchema):
    """A video or an image."""

    path: str
    size: int = Field(description="Bytes.")
    width: int
    height: int
    duration_secs: float
    ssim: float


class EncodingVariant(SoraSchema):
    """The same file for smaller screens: there is one encoding of each."""

    path: str


class ImageEncoding(SoraSchema):
    """An image."""

    path: str
    size: int


class EncodingsObject(SoraSchema):
    """The files; all null when there is nothing to show."""

    source: VideoEncoding | None
    source_wm: VideoEncoding | None = Field(
        description="With our visible watermark, if there is such a file."
    )
    md: EncodingVariant | None
    ld: EncodingVariant | None
    gif: None
    thumbnail: ImageEncoding | None
    unfurl: ImageEncoding | None
    spritesheet: ImageEncoding | None


class ModerationResult(SoraSchema):
    """Rejected: the engine refused the request for its content."""

    type: Literal["passed", "rejected"]
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

    id: str
    task_id: str
    created_at: str
    url: str
    encodings: EncodingsObject
    width: int
    height: int
    n_frames: int
    prompt: str
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
    """A job, in any state."""

    id: str
    user: str
    created_at: str = Field(description="ISO 8601 with microseconds and Z.")
    status: Literal["queued", "running", "processing", "succeeded", "failed"]
    progress_pct: float = Field(ge=0, le=1)
    progress_pos_in_queue: int | None = Field(description="0 is next; null once it is rendered.")
    estimated_queue_wait_time: None
    queue_status_message: str | None
    priority: int
    type: Literal["video_gen", "image_gen"]
    task_type: Literal["video_gen", "image_gen"]
    prompt: str
    title: str
    n_variants: int
    n_frames: int
    width: int
    height: int
    operation: Literal["simple_compose", "remix"]
    model: str | None
    inpaint_items: list[dict[str, Any]]
    is_storyboard: bool
    generations: list[GenerationObject]
    num_unsafe_generations: int
    moderation_result: ModerationResult
    needs_user_review: bool
    failure_reason: Reason
    error_message: Reason
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


class PendingTasks(RootModel[list[TaskItem]]):
    """The unfinished videos: an array."""


class TaskList(SoraSchema):
    """A page of tasks, newest first."""

    task_responses: list[TaskItem]
    last_id: str | None
    has_more: bool


class DownloadUrls(SoraSchema):
    """Both files if one of our own engines rendered and the plan shows both."""

    watermark: str | None
    no_watermark: str | None


class PostReference(SoraSchema):
    """A post, which may have been deleted since."""

    id: str = Field(pattern="^s_[0-9a-f]{32}$")


class CreationConfig(SoraSchema):
    """The request."""

    prompt: str
    task_id: str
    orientation: Literal["portrait", "landscape", "square"]
    n_frames: int
    style_id: str | None
    storyboard_id: None
    remix_target_post: PostReference | None = Field(description="The post that it remixes.")
    inpaint_image: None
    cameo_profiles: list[CharacterProfile] = Field(description="The characters that still exist.")


class PostSummary(SoraSchema):
    """The post of a video, without the video."""

    id: str = Field(pattern="^s_[0-9a-f]{32}$")
    text: str
    permalink: str = Field(description="The public page of the post.")
    posted_at: float = Field(description="Unix seconds.")
    visibility: Literal["public"]
    like_count: int
    view_count: int = Field(description="Openings of its page.")
    remix_count: int


class DraftItem(SoraSchema):
    """A finished video, or the reason why there is none."""

    id: str
    generation_id: str = Field(description="The same as `id`.")
    task_id: str
    kind: Literal["sora_draft", "sora_content_violation", "sora_error"]
    url: str | None
    downloadable_url: str | None
    download_urls: DownloadUrls
    encodings: EncodingsObject
    preview_image_url: str | None
    thumbnail_url: str | None
    width: int
    height: int
    n_frames: int
    generation_type: Literal["video_gen"]
    created_at: float = Field(description="Unix seconds; the end of the job.")
    prompt: str
    title: str | None
    creation_config: CreationConfig
    draft_reviewed: bool
    can_remix: bool
    can_create_character: bool
    storyboard_id: None
    post: PostSummary | None
    post_visibility: Literal["public"] | None
    tags: list[str]
    reason: Reason
    reason_str: Reason
    markdown_reason_str: Reason
    error_reason: Reason
    c_version: None
    output_blocked: bool


class DraftList(SoraSchema):
    """A page of drafts, the last to finish first."""

    items: list[DraftItem]
    cursor: str | None


class DraftResponse(SoraSchema):
    """One draft."""

    draft: DraftItem


class DraftDeleted(SoraSchema):
    """The answer to a delete."""

    success: Literal[True]
