"""Response schemas of the video routes of other servers: new-api's and Azure's."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.api.openai.schemas import OpenAISchema


class CreatedGeneration(OpenAISchema):
    """A new video."""

    task_id: str = Field(
        description="Id of the video.", examples=["video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"]
    )
    status: Literal["queued", "in_progress", "completed", "failed"] = Field(
        description="State of the video."
    )
    ignored: list[str] | None = Field(
        default=None, description="Names of the request's fields that nothing read; absent if none."
    )


class GenerationMetadata(OpenAISchema):
    """Metadata of a video."""

    duration: int = Field(description="Length in seconds.")
    fps: int = Field(description="Frames per second.")
    width: int = Field(description="Width in pixels.")
    height: int = Field(description="Height in pixels.")
    seed: int = Field(description="Seed of the first output.")


class GenerationError(OpenAISchema):
    """The reason why a video failed."""

    code: int = Field(description="Always 500; `message` has the reason.")
    message: str = Field(description="Explanation for people.")


class Generation(OpenAISchema):
    """A video, as new-api's clients read it."""

    task_id: str = Field(description="Id of the video.")
    status: Literal["queued", "in_progress", "completed", "failed"] = Field(
        description="State of the video; a canceled one is `failed`."
    )
    url: str | None = Field(
        default=None,
        description="Signed URL of the first output, valid for 24 hours; only when `completed`.",
    )
    format: Literal["mp4"] = Field(description="Always `mp4`.")
    metadata: GenerationMetadata = Field(description="Metadata of the video.")
    error: GenerationError | None = Field(
        default=None, description="Reason of the failure; only when `failed`."
    )


class JobGeneration(OpenAISchema):
    """An output of a job."""

    object: Literal["video.generation"] = Field(description="Always `video.generation`.")
    id: str = Field(description="Id of the output.", examples=["gen_01hgw…"])
    job_id: str = Field(description="Id of its job.")
    created_at: int = Field(description="Time of completion in Unix seconds.")
    width: int = Field(description="Width in pixels.")
    height: int = Field(description="Height in pixels.")
    n_seconds: int = Field(description="Length in seconds.")
    prompt: str = Field(description="The prompt.")


class GenerationJob(OpenAISchema):
    """A video job, as Azure's clients read it."""

    object: Literal["video.generation.job"] = Field(description="Always `video.generation.job`.")
    id: str = Field(description="Id of the video.")
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"] = Field(
        description="State of the job."
    )
    created_at: int = Field(description="Time of creation in Unix seconds.")
    finished_at: int | None = Field(description="Time of the end in Unix seconds.")
    expires_at: int | None = Field(description="Time when the files are deleted, in Unix seconds.")
    generations: list[JobGeneration] = Field(description="The outputs of a `succeeded` job.")
    prompt: str = Field(description="The prompt.")
    model: str = Field(description="Id of the model.")
    n_variants: int = Field(description="Number of outputs.")
    n_seconds: int = Field(description="Length in seconds.")
    height: int = Field(description="Height in pixels.")
    width: int = Field(description="Width in pixels.")
    failure_reason: str | None = Field(description="Code of the failure; null unless `failed`.")
    ignored: list[str] | None = Field(
        default=None,
        description="In the answer to a create: names of the request's fields that nothing read; "
        "absent if none.",
    )
