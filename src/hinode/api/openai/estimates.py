"""The estimate of a video, before it is created."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.openai.errors import ERRORS
from hinode.api.openai.openapi_docs import DOCS
from hinode.api.openai.video_requests import CreateVideo, RemixId
from hinode.api.parsing import Flag, parse
from hinode.api.response_schema import ResponseSchema
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body
from hinode.api.unread_fields import ignored_fields, is_strict, report_unread
from hinode.core.auth.types import Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.estimates import Estimate
from hinode.core.jobs.requests import JobSource, VideoRequest
from hinode.media.types import ArtifactRole, JobAction

_DOCS = DOCS.of("videos")

_PATH = "/v1/videos/estimate"
_MAX_BODY_BYTES = 1_000_000


class EstimateVideo(CreateVideo):
    """Parameters of the video to estimate, as for its create; no picture need be sent."""

    synonyms: ClassVar[Mapping[str, str]] = CreateVideo.synonyms

    has_first_frame: Flag = Field(
        default=False, description="True if the create will send a first frame."
    )
    edit_of: RemixId = Field(
        default=None, description="Id of the video of the account that an edit will start from."
    )
    extension_of: RemixId = Field(
        default=None, description="Id of the video of the account that will be extended."
    )

    @model_validator(mode="after")
    def _check_sources(self) -> Self:
        given = [self.remix_id, self.edit_of, self.extension_of]
        if sum(one is not None for one in given) > 1:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                "A video starts from one other: send one of 'remix_id', 'edit_of' and "
                "'extension_of'.",
                param="remix_id",
            )
        return self

    def estimated(self) -> VideoRequest:
        """Return the request of the create."""
        source = next(
            (
                JobSource(action, job_id)
                for action, job_id in (
                    (JobAction.REMIX, self.remix_id),
                    (JobAction.EDIT, self.edit_of),
                    (JobAction.EXTENSION, self.extension_of),
                )
                if job_id is not None
            ),
            None,
        )
        return replace(self.request(None), source=source)

    def roles(self) -> frozenset[ArtifactRole]:
        """Return the roles of the images of the create."""
        first = {ArtifactRole.UPLOAD} if self.has_first_frame else set()
        return frozenset(first | {role for role, _ in self.images()})


class EstimateRefusal(ResponseSchema):
    """The error that the create would get now."""

    code: str = Field(description="Stable error code.", examples=["insufficient_quota"])
    message: str = Field(description="Explanation for people: the broken rule and a remedy.")
    param: str | None = Field(description="The field at fault, or null.")


class EstimateQueue(ResponseSchema):
    """The jobs of the engine that would render it."""

    queued: int = Field(description="Jobs that wait for the engine.")
    running: int = Field(description="Jobs that it renders now.")


class VideoEstimate(ResponseSchema):
    """The price of a video and what would be rendered."""

    object: str = Field(description="Always `video.estimate`.")
    model: str = Field(description="Id of the model.", examples=["sora-2"])
    engine: str = Field(description="Name of the engine that would render it.")
    action: str = Field(description="`create`, `remix`, `edit` or `extension`.")
    size: str = Field(description="Width and height in pixels.", examples=["1280x720"])
    seconds: float = Field(description="Length of each output in seconds.")
    fps: int = Field(description="Frames per second.")
    frames: int = Field(description="Frames of each output.")
    n: int = Field(description="Number of outputs.")
    credits: int = Field(description="Price in credits.")
    balance: int | None = Field(description="Credits left; null if unlimited.")
    affordable: bool = Field(description="True if the balance covers the price.")
    refusal: EstimateRefusal | None = Field(
        description="The error that the create would get now; null if it would be accepted."
    )
    queue: EstimateQueue = Field(description="The queue of its engine.")
    ignored: list[str] = Field(
        description="Fields of the request that the engines of the model do not take."
    )


@dataclass(slots=True)
class EstimateRoutes:
    """Handler of estimates."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.VIDEOS)

    async def estimate(self, request: Request) -> Response:
        """Estimate a video: its price, what would be rendered, and if it would be accepted.

        Nothing is created or held. A request that is invalid by itself is an error, as at the
        create; what only now stands against it, such as a lack of credits, is in `refusal`.
        """
        caller = await self.auth.caller(request)
        fields = await read_fields(request, _MAX_BODY_BYTES)
        body = report_unread(request, caller, parse(EstimateVideo, fields))
        wanted = replace(body.estimated(), strict=is_strict(request, caller))
        service = self.context.core.estimates
        found = await self.context.call(service.video, caller, wanted, body.roles())
        return json_response(estimate_object(found, ignored_fields(request)))


def add_estimate(table: RouteTable, context: ApiContext) -> None:
    """Add the route of estimates."""
    table.add(
        _DOCS, "POST", _PATH, EstimateRoutes(context).estimate, "estimateVideo", VideoEstimate,
        400, 404, 413, 415,
        body=json_body(EstimateVideo),
    )  # fmt: skip


def estimate_object(found: Estimate, ignored: list[str]) -> dict[str, Any]:
    """Return the JSON of an estimate."""
    resolved = found.job.resolved
    plan = resolved.plan
    return {
        "object": "video.estimate",
        "model": resolved.model.id,
        "engine": found.engine,
        "action": found.job.action.value,
        "size": f"{plan.width}x{plan.height}",
        "seconds": plan.seconds,
        "fps": plan.fps,
        "frames": plan.frames,
        "n": plan.outputs,
        "credits": resolved.price,
        "balance": found.credits.balance,
        "affordable": found.is_affordable,
        "refusal": _refusal(found.refusal),
        "queue": {"queued": found.queued, "running": found.running},
        "ignored": sorted({*ignored, *found.job.options.ignored}),
    }


def _refusal(error: HinodeError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {"code": ERRORS[error.code].code, "message": str(error), "param": error.param}
