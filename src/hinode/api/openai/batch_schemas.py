"""Schemas of the batch routes."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from hinode.api.image_inputs import FILE_PREFIX
from hinode.api.openai.files import ExpiresAfter
from hinode.api.openai.schemas import ListObject, OpenAISchema
from hinode.api.parsing import LenientRequestSchema, Remedy, WrongAs
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.rules import not_found
from hinode.kit.ids import decode_id

MOST_PAIRS, MOST_KEY, MOST_VALUE = 16, 64, 512


def _check_metadata(pairs: dict[str, str] | None) -> dict[str, str] | None:
    found = pairs or {}
    too_long = any(len(key) > MOST_KEY or len(one) > MOST_VALUE for key, one in found.items())
    if len(found) > MOST_PAIRS or too_long:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'metadata' has at most {MOST_PAIRS} pairs: keys of {MOST_KEY} and values of "
            f"{MOST_VALUE} characters.",
            param="metadata",
        )
    return pairs


class CreateBatch(LenientRequestSchema):
    """Parameters of a new batch."""

    input_file_id: Annotated[str, Remedy("Upload a JSONL file with the purpose 'batch' first.")] = (
        Field(
            description="Id of an uploaded JSONL file with the purpose `batch`. Each line is "
            '`{custom_id, method: "POST", url, body}`; `body` is the JSON of the endpoint.',
            examples=["file-0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"],
        )
    )
    endpoint: Annotated[
        Literal["/v1/videos", "/v1/images/generations"],
        Remedy("Supported are '/v1/videos' and '/v1/images/generations'."),
    ] = Field(description="The endpoint of all requests.")
    completion_window: Annotated[
        Literal["24h"], WrongAs(ErrorCode.INVALID_VALUE), Remedy("Send '24h'.")
    ] = Field(description="Time in which the batch is to complete; always `24h`.")
    metadata: Annotated[dict[str, str] | None, AfterValidator(_check_metadata)] = Field(
        default=None, description="Up to 16 pairs of strings, returned with the batch."
    )
    output_expires_after: ExpiresAfter | None = Field(
        default=None, description="Expiry of the result files; by default 30 days."
    )

    @property
    def file_id(self) -> UUID:
        """The input file. Raises :class:`HinodeError` for an id of no file."""
        file_id = decode_id(FILE_PREFIX, self.input_file_id)
        if file_id is None:
            raise not_found("input_file_id")
        return file_id


class BatchErrorObject(OpenAISchema):
    """A reason why the input file was refused."""

    code: str = Field(description="Stable error code.", examples=["duplicate_custom_id"])
    line: int | None = Field(description="Line of the file; null for the whole file.")
    message: str = Field(description="Explanation for people.")
    param: str | None = Field(description="The invalid field; null if it is not about one.")


class BatchErrors(OpenAISchema):
    """The reasons why the input file was refused."""

    object: Literal["list"] = Field(description="Always `list`.")
    data: list[BatchErrorObject] = Field(description="At most 100 errors, in the file's order.")


class RequestCounts(OpenAISchema):
    """Numbers of requests."""

    total: int = Field(description="Requests of the batch; 0 until it is validated.")
    completed: int = Field(description="Requests that succeeded.")
    failed: int = Field(description="Requests that failed.")


class BatchObject(OpenAISchema):
    """A batch. Times are in Unix seconds, and null if not reached."""

    id: str = Field(
        description="Id of the batch.", examples=["batch_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"]
    )
    object: Literal["batch"] = Field(description="Always `batch`.")
    endpoint: str = Field(description="The endpoint of all requests.")
    errors: BatchErrors | None = Field(
        description="Why the file was refused; null unless `failed`."
    )
    input_file_id: str = Field(description="Id of the input file.")
    completion_window: Literal["24h"] = Field(description="Always `24h`.")
    status: Literal[
        "validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling",
        "cancelled",
    ] = Field(description="Status of the batch.")  # fmt: skip
    output_file_id: str | None = Field(
        description="Id of the file with the responses; null if there are none."
    )
    error_file_id: str | None = Field(
        description="Id of the file with the failed requests; null if there are none."
    )
    created_at: int = Field(description="Time of creation.")
    in_progress_at: int | None = Field(description="Time when the file was found valid.")
    expires_at: int = Field(description="Time when the batch expires, 24 hours after its creation.")
    finalizing_at: int | None = Field(description="Time when all requests had ended.")
    completed_at: int | None = Field(description="Time of completion.")
    failed_at: int | None = Field(description="Time when the file was refused.")
    expired_at: int | None = Field(description="Time of expiry.")
    cancelling_at: int | None = Field(description="Time of the request to cancel.")
    cancelled_at: int | None = Field(description="Time when the cancelled batch ended.")
    request_counts: RequestCounts = Field(description="Numbers of requests.")
    metadata: dict[str, str] | None = Field(description="The pairs of the request.")


class BatchList(ListObject[BatchObject]):
    """A page of batches, newest first."""
