"""The shapes of this part's answers, as documentation; a test holds them against the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.api.sora.auth.schemas import QuotaObject
from hinode.api.sora.schemas import SoraSchema


class CreatedTask(SoraSchema):
    """A task just made."""

    id: str = Field(description="`task_` and 26 characters.")
    priority: int = Field(description="Everybody's is the same.")
    task_type: Literal["video_gen", "image_gen"]
    rate_limit_and_credit_balance: QuotaObject


class CreatedTasks(CreatedTask):
    """A task with several generations; the lists are ours."""

    ids: list[str] = Field(description="The ids of all tasks: always one.")
    generation_ids: list[str] = Field(description="`gen_` ids of what will be in the drafts.")


class UploadedImage(SoraSchema):
    """An upload."""

    id: str = Field(description="`media_` and 26 characters.")
    type: Literal["image"]
    file_id: str = Field(description="The same file, as `file/upload` names it.")
    title: str
    mime_type: Literal["image/png", "image/jpeg", "image/webp"]
    size: int = Field(description="Bytes.")
    width: int = Field(description="Pixels of the picture as it is stored.")
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
    contains_realistic_person: bool = Field(description="Always false: nobody looks.")


class EnhancedPrompt(SoraSchema):
    """An expanded prompt."""

    enhanced_prompt: str
    source: Literal["model", "template"] = Field(description="Who wrote it (ours).")
    expansion_level: Literal["short", "medium", "long"]
    duration_s: int
